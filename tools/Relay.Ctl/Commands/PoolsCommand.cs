using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>pools</c>: prefix pools.</summary>
internal sealed class PoolsCommand : ListCommand<PrefixPoolInfo>
{
    private static readonly TableColumn<PrefixPoolInfo>[] Columns =
    [
        new("POOL", static p => p.Pool.Name),
        new("PREFIX", static p => p.Pool.Prefix.ToString()),
        new("BLOCK", static p => $"/{p.Pool.BlockLength}"),
        new("BLOCKS", static p => Format.Count(p.Blocks), IsNumber: true),
        new("HELD", static p => Format.Count(p.Held), IsNumber: true),
        new("QUARANTINED", static p => Format.Count(p.Quarantined), IsNumber: true),
        new("EXCLUDED", static p => Format.Count(p.Excluded), IsNumber: true),
        new("FREE", static p => Format.Count(p.Free), IsNumber: true),
        new("STATE", static p => p.IsFound ? "found" : p.GrantsFrom is null ? "grants" : "recovers"),
    ];

    /// <param name="context">What all commands share.</param>
    public PoolsCommand(CtlContext context) : base(
        "pools", "Prefix pools; define, show or delete one, see and take back its blocks.", context,
        "No pool is defined.", Columns) => this.Takes(
            AsList("All pools."),
            new ItemCommand("show", "One pool.", context, HttpMethod.Get, Completions.Pool(context), PathOf,
                static (session, answer, _) => session.Show<PrefixPoolInfo>(answer, Facts)),
            new PoolPutCommand(context),
            new ItemCommand("delete", "Removes a pool that has no live lease.", context, HttpMethod.Delete,
                Completions.Pool(context), PathOf, static (session, _, pool) => session.Done($"{pool} is deleted")),
            new PoolLeasesCommand(context), new PoolRevokeCommand(context));

    /// <summary>The path of a pool.</summary>
    public static string PathOf(string pool) => $"v1/prefix-pools/{Uri.EscapeDataString(pool)}";

    /// <summary>A pool in words.</summary>
    public static IEnumerable<(string, string)> Facts(PrefixPoolInfo info)
    {
        yield return ("pool", info.Pool.Name);
        yield return ("prefix", info.Pool.Prefix.ToString());
        yield return ("blocks", $"{Format.Count(info.Blocks)} of /{info.Pool.BlockLength}");
        yield return ("held", Format.Count(info.Held));
        yield return ("quarantined", Format.Count(info.Quarantined));
        yield return ("excluded", Format.Count(info.Excluded));
        yield return ("free", Format.Count(info.Free));
        if (info.IsFound)
            yield return ("state", "found: nodes hold blocks of it, and it is not defined");
        else if (info.GrantsFrom is { } from)
            yield return ("grants from", $"{from:u}, since it may not know all that is held; leases are renewed");
        foreach (var conflict in info.Conflicts)
            yield return ("conflict", conflict);
        yield return ("version", info.Pool.Version);
    }

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => "v1/prefix-pools";
}
