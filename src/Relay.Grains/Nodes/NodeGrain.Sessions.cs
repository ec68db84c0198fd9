using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <content>The node's sessions.</content>
internal sealed partial class NodeGrain
{
    private readonly Dictionary<string, TaskCompletionSource<FlowAnswer>> _questions = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<SessionList> QuerySessionsAsync(NodeSessionQuery query) =>
        Task.FromResult(new SessionList(_tracker.Sessions.Query(query.Query, query.After, query.Limit)));

    /// <inheritdoc/>
    public Task<SessionRecord?> FindSessionAsync(string session) => Task.FromResult(_tracker.Sessions.Find(session));

    /// <inheritdoc/>
    public async Task<SessionRecord?> EndSessionAsync(string session)
    {
        if (_tracker.EndSession(session) is not { } record)
            return null;
        Store();
        await new ReportPatience(clock).WaitAsync(_storing);
        return record;
    }

    /// <inheritdoc/>
    public Task<FlowAnswer?> LookupAsync(FlowLookup lookup) =>
        _tracker.Sessions.HasEgress(lookup.Address) ? AskAsync(lookup) : Task.FromResult<FlowAnswer?>(null);

    /// <inheritdoc/>
    public async Task<FlowAnswer?> AskAsync(FlowLookup lookup)
    {
        if (!_questions.TryGetValue(lookup.Id, out var question))
        {
            if (!_tracker.Ask(lookup, clock.Now))
                return null;
            question = new TaskCompletionSource<FlowAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            _questions.Add(lookup.Id, question);
        }
        try
        {
            return await question.Task.WaitAsync(_tracker.AnswerTime, clock.Time);
        }
        catch (TimeoutException)
        {
            // It may have come while this was about to be told.
            return question.Task.IsCompletedSuccessfully ? await question.Task : null;
        }
        finally
        {
            _questions.Remove(lookup.Id);
        }
    }

    private void Complete(IReadOnlyList<FlowAnswer> answers)
    {
        foreach (var answer in answers)
        {
            if (_questions.TryGetValue(answer.Id, out var question))
                question.TrySetResult(answer);
        }
    }
}
