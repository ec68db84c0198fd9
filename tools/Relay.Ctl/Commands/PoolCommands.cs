using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary>A command about one pool, with more than its name.</summary>
internal abstract class PoolCommand : CtlCommand
{
    private readonly Argument<string> _pool;

    protected PoolCommand(string name, string summary, CtlContext context) : base(name, summary, context)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
    }

    /// <summary>Where the pool is.</summary>
    protected string PathOf(ParseResult result) => PoolsCommand.PathOf(result.GetRequiredValue(_pool));
}

/// <summary><c>pools put NAME PREFIX LENGTH</c>: defines or changes a pool.</summary>
internal sealed class PoolPutCommand : PoolCommand
{
    private readonly Argument<string> _prefix = new("prefix") { Description = "Its addresses, such as 2001:db8:40::/56." };
    private readonly Argument<string> _blockLength =
        new("block-length") { Description = "The prefix length of a block, such as /64." };

    private readonly CtlOption<string?> _ifVersion = new("--if-version",
        "Only if this is still its version, as 'pools show' tells it.", "VERSION");

    private readonly CtlOption<bool> _newFleet = new("--new-fleet",
        "No node can hold an address of it, since no fleet has ever granted one: it need not wait for what may be held.");

    /// <param name="context">What all commands share.</param>
    public PoolPutCommand(CtlContext context) : base(
        "put", "Defines a pool, or changes one whose leases fit the change.", context) =>
        this.Takes(_prefix, _blockLength, _ifVersion, _newFleet);

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
            Query.Of(PathOf(result), ("newFleet", result.GetValue(_newFleet) ? "true" : null)),
            body, FleetJson.Of<PoolBody>(), cancellation,
            result.GetValue(_ifVersion) is { } version ? $"\"{version}\"" : null).ConfigureAwait(false);
        return session.Show<PrefixPoolInfo>(answer, PoolsCommand.Facts);
    }
}

/// <summary><c>pools leases NAME</c>: the blocks of a pool that are not free.</summary>
internal sealed class PoolLeasesCommand : ListCommand<LeaseInfo>
{
    private static readonly TableColumn<LeaseInfo>[] Columns =
    [
        new("BLOCK", static l => l.Prefix.ToString()),
        new("STATE", static l => Format.Word(l.State)),
        new("NODE", static l => l.Node),
        new("GRANT", static l => $"{l.Epoch}", IsNumber: true),
        new("RUNS OUT", static l => Format.Time(l.ExpiresAt)),
    ];

    private readonly Argument<string> _pool;

    /// <param name="context">What all commands share.</param>
    public PoolLeasesCommand(CtlContext context) : base(
        "leases", "The blocks of a pool that are not free, and who has them.", context, "Every block is free.", Columns)
    {
        _pool = Completions.Pool(context);
        Arguments.Add(_pool);
    }

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => $"{PoolsCommand.PathOf(result.GetRequiredValue(_pool))}/leases";
}

/// <summary><c>pools revoke NAME PREFIX</c>: takes a block back.</summary>
internal sealed class PoolRevokeCommand : PoolCommand
{
    private readonly Argument<string> _prefix = new("prefix") { Description = "The block, such as 2001:db8:40:3::/64." };

    /// <param name="context">What all commands share.</param>
    public PoolRevokeCommand(CtlContext context) : base(
        "revoke", "Takes a block back: its node is told to stop using it, and then it is quarantined.", context) =>
        Arguments.Add(_prefix);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var prefix = Values.Prefix("prefix", result.GetRequiredValue(_prefix));
        var path = $"{PathOf(result)}/leases/{Uri.EscapeDataString(prefix.ToString())}";
        var answer = await session.Client.ChangeAsync(HttpMethod.Delete, path, cancellation).ConfigureAwait(false);
        return session.Show<LeaseInfo>(answer, static lease =>
        [
            ("block", lease.Prefix.ToString()), ("node", lease.Node), ("state", Format.Word(lease.State)),
            ("runs out", Format.Time(lease.ExpiresAt)),
        ]);
    }
}
