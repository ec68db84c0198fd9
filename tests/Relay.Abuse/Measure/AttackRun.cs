using System.Diagnostics;
using Relay.Abuse.Attacks;
using Relay.Abuse.Wire;

namespace Relay.Abuse.Measure;

/// <summary>An attack with what is beside it: neighbours before and meanwhile, memory before, at most and afterwards.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="targets">Targets of tunnels.</param>
internal sealed class AttackRun(AbuseOptions options, TargetSet targets)
{
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(2);

    /// <summary>Makes it, as often as was asked for.</summary>
    /// <returns>The round of the median, with the worst that memory was in any.</returns>
    public AttackRow Run(Attack attack)
    {
        AttackRow[] rounds = [.. Enumerable.Range(0, options.Rounds).Select(_ => RunOnce(attack)).OrderBy(static row => row.Ratio)];
        var row = rounds[rounds.Length / 2];
        row.KeepsMemory = Array.TrueForAll(rounds, static round => round.KeepsMemory);
        row.IsNeighbourServed = Array.TrueForAll(rounds, static round => round.IsNeighbourServed);
        return row;
    }

    private AttackRow RunOnce(Attack attack)
    {
        var memory = new ProcessMemory(options.RelayPid);
        using var neighbour = Neighbour.Start(options.Relay, targets.Echo);
        using var control = options.Control is { } other ? Neighbour.Start(other, targets.Echo) : null;
        Wait(options.Seconds > 2 ? Alone : TimeSpan.FromSeconds(options.Seconds), neighbour);
        var row = new AttackRow
        {
            Attack = attack,
            Alone = neighbour.Take(),
            Before = memory.Now,
            Bound = memory.Now + ((long)attack.Bound * attack.HeldOf(options.Connections)),
            Peak = memory.Now,
        };
        control?.Take();

        Exception? failure = null;
        var assault = new Assault(options.Relay, targets, TimeSpan.FromSeconds(options.Seconds), options.Connections);
        var thread = new Thread(() =>
        {
            try
            {
                attack.Run(assault);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { Name = attack.Name };
        thread.Start();
        while (!thread.Join(Sample))
            row.Peak = Max(row.Peak, memory.Now);
        if (failure is not null)
            throw new InvalidOperationException($"{attack.Name}: {failure.Message}", failure);

        (row.Beside, row.Control) = (neighbour.Take(), control?.Take());
        (row.Done, row.Connections, row.Ended, row.Refused) =
            (assault.Done, assault.Connections, assault.Ended, assault.Refused);
        row.Codes = assault.Codes;
        var began = Stopwatch.GetTimestamp();
        do
        {
            Thread.Sleep(options.Settle == 0 ? TimeSpan.Zero : Sample);
            row.After = memory.Now;
            row.Peak = Max(row.Peak, row.After);
            row.Settled = Stopwatch.GetElapsedTime(began);
        }
        while (row.Settled.TotalSeconds < options.Settle && !(row.IsBack && row.Settled >= Alone));
        row.KeepsMemory = row.Before is null || options.Settle == 0 || (row.Peak <= row.Bound && row.IsBack);
        row.IsNeighbourServed = neighbour.IsAlive && neighbour.Take().Count > 0 || options.Settle == 0 && neighbour.IsAlive;
        return row;
    }

    private static void Wait(TimeSpan time, Neighbour neighbour)
    {
        var began = Stopwatch.GetTimestamp();
        while (neighbour.IsAlive && Stopwatch.GetElapsedTime(began) < time)
            Thread.Sleep(Sample);
    }

    private static long? Max(long? left, long? right) =>
        left is { } a && right is { } b ? Math.Max(a, b) : left ?? right;
}
