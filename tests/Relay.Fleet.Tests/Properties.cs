using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Relay.Fleet.Tests;

/// <summary>
/// Property checks that are the same on every run, unless <c>RELAY_HISTORY_SEED</c> says otherwise; a failure names its seed and the
/// shrunk counterexample.
/// </summary>
internal static class Properties
{
    private static readonly ulong Seed = ulong.TryParse(
        Environment.GetEnvironmentVariable("RELAY_HISTORY_SEED"), out var seed) ? seed : 9298;

    /// <summary>Random histories; a failing one is shrunk by leaving steps out.</summary>
    public static void CheckHistories<T>(Gen<T> step, int steps, int histories, Action<IReadOnlyList<T>> property) =>
        Run(
            Arb.From(
                Gen.Choose(steps / 4, steps).SelectMany(count => Gen.ListOf(step, count))
                    .Select(list => (IReadOnlyList<T>)[.. list]),
                Shorter),
            history => Tell(property, history), histories);

    /// <summary>Kinds of steps by how often they come, each with a number to choose by.</summary>
    public static Gen<Step<TKind>> Steps<TKind>(params (int Weight, TKind Kind)[] kinds) =>
        from kind in Gen.Frequency(kinds.Select(static one => (one.Weight, Gen.Constant(one.Kind))))
        from choice in Gen.Choose(0, 1000)
        select new Step<TKind>(kind, choice);

    public static void Check<T>(Gen<T> generator, Action<T> property, int cases = 300) =>
        Run(generator.ToArbitrary(), property, cases);

    // FsCheck shows only the beginning of a list.
    private static void Tell<T>(Action<IReadOnlyList<T>> property, IReadOnlyList<T> history)
    {
        try
        {
            property(history);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message} after: {string.Join("; ", history)}", e);
        }
    }

    private static void Run<T>(Arbitrary<T> arbitrary, Action<T> property, int cases) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure
                .WithMaxTest(cases)
                .WithQuietOnSuccess(true)
                .WithReplay(new Replay(new Rnd(Seed), FSharpOption<int>.None)),
            Prop.ForAll(arbitrary, property));

    private static IEnumerable<IReadOnlyList<T>> Shorter<T>(IReadOnlyList<T> history)
    {
        for (var size = history.Count / 2; size >= 1; size /= 2)
        {
            for (var from = 0; from + size <= history.Count; from += size)
                yield return [.. history.Take(from), .. history.Skip(from + size)];
        }
    }
}

/// <summary>A step of a random history.</summary>
internal sealed record Step<TKind>(TKind Kind, int Choice);
