using System.CommandLine;
using System.Net;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Ctl.Watch;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>drain NODE…</c>: takes nodes out of service.</summary>
internal sealed class DrainCommand : CtlCommand
{
    private readonly Argument<string[]> _nodes = new("node")
    {
        Description = "The nodes; one is drained at once, several in turn.",
        HelpName = "node",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly CtlOption<bool> _all = new("--all", "Every node, in turn.");

    private readonly CtlOption<string?> _selector = new("--selector",
        "The nodes that fit, in turn: version=TEXT, name=PREFIX, or both with a comma between.", "SELECTOR", alias: "-l");

    private readonly CtlOption<string?> _maxConcurrent = new("--max-concurrent",
        "How many nodes of the fleet may be out of service at a time: 2, or 25% of those that serve; 1 if left out.", "N|N%");

    private readonly CtlOption<bool> _watch = new("--watch",
        "Show how it goes until it has ended; exit status 4 if tunnels were ended by force or lost.", alias: "-w");

    private readonly CtlOption<bool> _join = new("--join",
        "Of a node that drains already, by whichever drain, that one is taken, and watched until this node is "
            + "drained, for --deadline at most; one that waits for its turn is drained now.");

    private readonly DrainOptions _options = new();

    /// <param name="context">What all commands share.</param>
    public DrainCommand(CtlContext context) : base(
        "drain", "Takes nodes out of service: they refuse new tunnels, and open ones run until they end or a deadline comes.",
        context)
    {
        _nodes.CompletionSources.Add(Completions.Nodes(context));
        this.Takes(_nodes, _all, _selector, _maxConcurrent);
        _options.AddTo(this);
        this.Takes(_join, _watch);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var how = _options.Read(result);
        var answer = await StartAsync(session.Client, result, how, cancellation).ConfigureAwait(false);
        var drain = answer.Read(FleetJson.Of<DrainInfo>());
        // Not another one: all that is asked for is so already, or is under way.
        var isKnown = answer.Status == HttpStatusCode.OK;
        var isJoined = isKnown && result.GetValue(_join);
        if (result.GetValue(_watch) && (isJoined || !isKnown))
            return isJoined
                ? await WatchJoinedAsync(session, result, answer, how, cancellation).ConfigureAwait(false)
                : await new DrainWatch(session).RunAsync(answer, cancellation).ConfigureAwait(false);
        if (session.Report.IsJson)
            session.Report.WriteJson(drain, FleetJson.Of<DrainInfo>());
        else if (isKnown && !isJoined)
            session.Report.WriteLine($"drained already, by drain {drain.Id}: nothing is changed");
        else
            session.Report.WriteLine(
                $"drain {drain.Id} of {Format.Plural(drain.Nodes.Count, "node")} has {(isJoined ? "the node already" : "begun")}; "
                + $"watch it with: relayctl drains show {drain.Id} --watch");
        return ExitStatus.Ok;
    }

    // Its deadline is another's: whoever asked here has only the time that was said here.
    private async Task<int> WatchJoinedAsync(
        CtlSession session, ParseResult result, AdminAnswer answer, DrainNodeBody how, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(how.DeadlineSeconds));
        var node = result.GetValue(_nodes)![0];
        try
        {
            return await new DrainWatch(session, node).RunAsync(answer, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            session.Report.Say($"{node} is not drained after {Format.Duration(TimeSpan.FromSeconds(how.DeadlineSeconds))}");
            return ExitStatus.Failed;
        }
    }

    private Task<AdminAnswer> StartAsync(
        AdminClient client, ParseResult result, DrainNodeBody how, CancellationToken cancellation)
    {
        var nodes = result.GetValue(_nodes) ?? [];
        var all = result.GetValue(_all);
        var selector = result.GetValue(_selector);
        var budget = result.GetValue(_maxConcurrent);
        if ((nodes.Length > 0 ? 1 : 0) + (all ? 1 : 0) + (selector is null ? 0 : 1) != 1)
            throw new UsageException("Which nodes? Name them, or give --selector, or --all; one of these.");
        var isOne = nodes.Length == 1 && budget is null;
        if (result.GetValue(_join) && !isOne)
            throw new UsageException("--join is of one node, without --max-concurrent.");
        // One that is named is meant now, whatever else drains; with a budget it waits for its turn as the others do.
        if (isOne)
            return client.ChangeAsync(HttpMethod.Post, $"v1/nodes/{Uri.EscapeDataString(nodes[0])}/drain",
                new DrainOneBody(how) { Join = result.GetValue(_join) }, FleetJson.Of<DrainOneBody>(), cancellation);
        var body = new DrainBody(how)
        {
            Nodes = nodes.Length > 0 ? nodes : null,
            Selector = nodes.Length > 0 ? null : Values.Selector("--selector", selector ?? ""),
        };
        return client.ChangeAsync(HttpMethod.Post, "v1/drains",
            budget is null ? body : body with { MaxConcurrent = Values.Budget("--max-concurrent", budget) },
            FleetJson.Of<DrainBody>(), cancellation);
    }
}

/// <summary><c>undrain NODE…</c>: makes nodes serve again.</summary>
internal sealed class UndrainCommand : CtlCommand
{
    private readonly Argument<string[]> _nodes = new("node")
    {
        Description = "The nodes.",
        HelpName = "node",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <param name="context">What all commands share.</param>
    public UndrainCommand(CtlContext context) : base("undrain", "Makes nodes serve again.", context)
    {
        _nodes.CompletionSources.Add(Completions.Nodes(context));
        Arguments.Add(_nodes);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        foreach (var node in result.GetRequiredValue(_nodes))
        {
            var answer = await session.Client.ChangeAsync(
                HttpMethod.Post, $"v1/nodes/{Uri.EscapeDataString(node)}/undrain", cancellation).ConfigureAwait(false);
            // 204: it was in no drain, and serves as it did.
            if (session.Report.IsJson && answer.Body.Length > 0)
                session.Report.WriteJson(answer.Read(FleetJson.Of<DrainInfo>()), FleetJson.Of<DrainInfo>());
            else if (!session.Report.IsJson)
                session.Report.WriteLine(answer.Body.Length > 0
                    ? $"{node} is asked to serve again"
                    : $"{node} was in no drain");
        }
        return ExitStatus.Ok;
    }
}
