using System.CommandLine;
using Relay.Ctl.Api;

namespace Relay.Ctl.Cli;

/// <summary>A command that is one request about one thing.</summary>
internal class ItemCommand : CtlCommand
{
    private readonly HttpMethod _method;
    private readonly Argument<string> _item;
    private readonly Func<string, string> _path;
    private readonly Func<CtlSession, AdminAnswer, string, int> _tell;

    /// <param name="name">What is typed.</param>
    /// <param name="summary">One sentence.</param>
    /// <param name="context">What all commands share.</param>
    /// <param name="method">GET, DELETE, or a PUT without a body.</param>
    /// <param name="item">Which one.</param>
    /// <param name="path">Where it is, by its name.</param>
    /// <param name="tell">Writes what was answered for that name, and gives the exit status.</param>
    public ItemCommand(
        string name, string summary, CtlContext context, HttpMethod method, Argument<string> item,
        Func<string, string> path, Func<CtlSession, AdminAnswer, string, int> tell) : base(name, summary, context)
    {
        (_method, _item, _path, _tell) = (method, item, path, tell);
        Arguments.Add(item);
    }

    /// <inheritdoc/>
    protected sealed override async Task<int> RunAsync(
        CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var item = result.GetRequiredValue(_item);
        var answer = _method == HttpMethod.Get
            ? await session.Client.GetAsync(_path(item), cancellation).ConfigureAwait(false)
            : await session.Client.ChangeAsync(_method, _path(item), cancellation).ConfigureAwait(false);
        return _tell(session, answer, item);
    }
}
