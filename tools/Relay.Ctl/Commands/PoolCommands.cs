using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>pools show NAME</c>: one pool.</summary>
internal sealed class PoolShowCommand : CtlCommand
{
    private readonly Argument<string> _pool;

    /// <param name="context">What all commands share.</param>
    public PoolShowCommand(CtlContext context) : base("show", "One pool.", context)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var answer = await session.Client.GetAsync(PoolsCommand.PathOf(result.GetRequiredValue(_pool)), cancellation)
            .ConfigureAwait(false);
        return session.Show<PrefixPoolInfo>(answer, PoolsCommand.Facts);
    }
}

/// <summary><c>pools put NAME PREFIX LENGTH</c>: defines or changes a pool.</summary>
internal sealed class PoolPutCommand : CtlCommand
{
    private readonly Argument<string> _pool;
    private readonly Argument<string> _prefix =
        new("prefix") { Description = "Its addresses, such as 2001:db8:40::/56." };

    private readonly Argument<string> _blockLength = new("block-length")
    {
        Description = "The prefix length of a block, such as /64.",
    };

    private readonly Option<string?> _ifVersion = new("--if-version")
    {
        Description = "Only if this is still its version, as 'pools show' tells it.",
        HelpName = "VERSION",
    };

    private readonly Option<bool> _newFleet = new("--new-fleet")
    {
        Description = "No node can hold an address of it, since no fleet has ever granted one: it need not wait for what may be held.",
    };

    /// <param name="context">What all commands share.</param>
    public PoolPutCommand(CtlContext context) : base(
        "put", "Defines a pool, or changes one whose leases fit the change.", context)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
        Arguments.Add(_prefix);
        Arguments.Add(_blockLength);
        Options.Add(_ifVersion);
        Options.Add(_newFleet);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var length = result.GetRequiredValue(_blockLength).TrimStart('/');
        if (!byte.TryParse(length, out var blockLength))
            throw new UsageException($"block-length: '{length}' is no prefix length such as /64.");
        var body = new PoolBody
        {
            Prefix = Values.Prefix("prefix", result.GetRequiredValue(_prefix)),
            BlockLength = blockLength,
        };
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Put,
            Query.Of(PoolsCommand.PathOf(result.GetRequiredValue(_pool)), ("newFleet", result.GetValue(_newFleet) ? "true" : null)),
            body, FleetJson.Of<PoolBody>(), cancellation,
            result.GetValue(_ifVersion) is { } version ? $"\"{version}\"" : null).ConfigureAwait(false);
        return session.Show<PrefixPoolInfo>(answer, PoolsCommand.Facts);
    }
}

/// <summary><c>pools delete NAME</c>: removes a pool without live leases.</summary>
internal sealed class PoolDeleteCommand : CtlCommand
{
    private readonly Argument<string> _pool;

    /// <param name="context">What all commands share.</param>
    public PoolDeleteCommand(CtlContext context) : base("delete", "Removes a pool that has no live lease.", context)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var pool = result.GetRequiredValue(_pool);
        await session.Client.ChangeAsync(HttpMethod.Delete, PoolsCommand.PathOf(pool), cancellation)
            .ConfigureAwait(false);
        return session.Done($"{pool} is deleted");
    }
}

/// <summary><c>pools leases NAME</c>: the blocks of a pool that are not free.</summary>
internal sealed class PoolLeasesCommand : CtlCommand
{
    private static readonly Output.TableColumn<LeaseInfo>[] Columns =
    [
        new("BLOCK", static l => l.Prefix.ToString()),
        new("STATE", static l => Output.Format.Word(l.State)),
        new("NODE", static l => l.Node),
        new("GRANT", static l => l.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture), IsNumber: true),
        new("RUNS OUT", static l => Output.Format.Time(l.ExpiresAt)),
    ];

    private readonly Argument<string> _pool;

    /// <param name="context">What all commands share.</param>
    public PoolLeasesCommand(CtlContext context) : base(
        "leases", "The blocks of a pool that are not free, and who has them.", context)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var (leases, hasMore) = await session.Client.ListAsync(
            $"{PoolsCommand.PathOf(result.GetRequiredValue(_pool))}/leases", FleetJson.Of<Page<LeaseInfo>>(),
            int.MaxValue, cancellation)
            .ConfigureAwait(false);
        session.Report.WriteList(leases, hasMore, FleetJson.Of<Page<LeaseInfo>>(), "Every block is free.", Columns);
        return ExitStatus.Ok;
    }
}

/// <summary><c>pools revoke NAME PREFIX</c>: takes a block back.</summary>
internal sealed class PoolRevokeCommand : CtlCommand
{
    private readonly Argument<string> _pool;
    private readonly Argument<string> _prefix =
        new("prefix") { Description = "The block, such as 2001:db8:40:3::/64." };

    /// <param name="context">What all commands share.</param>
    public PoolRevokeCommand(CtlContext context) : base(
        "revoke", "Takes a block back: its node is told to stop using it, and then it is quarantined.", context)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
        Arguments.Add(_prefix);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var prefix = Values.Prefix("prefix", result.GetRequiredValue(_prefix));
        var path = $"{PoolsCommand.PathOf(result.GetRequiredValue(_pool))}/leases/{Uri.EscapeDataString(prefix.ToString())}";
        var answer = await session.Client.ChangeAsync(HttpMethod.Delete, path, cancellation).ConfigureAwait(false);
        return session.Show<LeaseInfo>(answer, static lease =>
        [
            ("block", lease.Prefix.ToString()), ("node", lease.Node), ("state", Output.Format.Word(lease.State)),
            ("runs out", Output.Format.Time(lease.ExpiresAt)),
        ]);
    }
}
