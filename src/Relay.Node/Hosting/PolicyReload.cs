using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Options;
using Relay.Node.Options;
using Relay.Node.Targets;

namespace Relay.Node.Hosting;

/// <summary>
/// Reads the target policy again from the file of <c>--config</c>. The whole file must be right for any of it to be
/// used, and what the command line and the environment say stays before it.
/// </summary>
internal static class PolicyReload
{
    /// <summary>What the reloader is to watch; null where there is no file.</summary>
    /// <param name="source">Where the configuration came from.</param>
    /// <param name="policy">What is replaced.</param>
    /// <param name="log">Where to say which other options have changed.</param>
    internal static WatchedGroup? Watch(ConfigSource source, TargetPolicySource policy, ILogger log)
    {
        if (source.FilePath is not { } path)
            return null;
        var files = new FileGroup("target policy", [new NamedFile(ProgramOptions.Config.Name, path)]);
        return new WatchedGroup(
            files, new FileContents([source.FileContent]), contents => Use(source, contents[0]!, policy, log));
    }

    private static void Use(ConfigSource source, byte[] content, TargetPolicySource policy, ILogger log)
    {
        var errors = new OptionErrors();
        var config = source.ReadAgain(content, errors, out var restart);
        if (errors.Lines.Count > 0)
            throw new StartException(string.Join("; ", errors.Lines));
        policy.Use(config.AllowTargets, config.DenyTargets);
        if (restart.Count > 0)
            Log.NeedsRestart(log, string.Join(", ", restart.Select(static option => option.Name)));
    }
}
