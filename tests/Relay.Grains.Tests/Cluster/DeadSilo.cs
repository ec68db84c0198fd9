using Microsoft.Extensions.DependencyInjection;

namespace Relay.Grains.Tests.Cluster;

/// <summary>A silo that the others are to take for dead without the time that finding out would take.</summary>
internal static class DeadSilo
{
    /// <summary>Writes it into the table of members, as who votes last does, and waits until all others know.</summary>
    internal static async Task DeclareAsync(SiloAddress dead, IReadOnlyList<IServiceProvider> others)
    {
        var table = others[0].GetRequiredService<IMembershipTable>();
        await Eventually.HoldsAsync($"{dead} in the table as dead", async () =>
        {
            var rows = await table.ReadAllAsync(default);
            var (entry, etag) = rows.Members.Single(member => member.Item1.SiloAddress.Equals(dead));
            if (entry.Status == SiloStatus.Dead)
                return true;
            entry.Status = SiloStatus.Dead;
            return await table.UpdateRowAsync(entry, etag, rows.Version.Next(), default);
        }, static isWritten => isWritten);
        foreach (var oracle in others.Select(static services => services.GetRequiredService<ISiloStatusOracle>()))
            await Eventually.HoldsAsync(() => oracle.IsDeadSilo(dead), $"everybody knows that {dead} is dead");
    }
}
