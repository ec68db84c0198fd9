using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Relay.Protocol.Tests;

/// <summary>
/// Property checks that are the same on every run; a failure names its seed and the shrunk counterexample.
/// </summary>
internal static class Properties
{
    private const ulong Seed = 9298;

    /// <summary>Integers of all lengths in bits, evenly; drawn evenly by value, nearly all would be long.</summary>
    public static Gen<ulong> Varint { get; } =
        from bits in Gen.Choose(0, 62)
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select (((ulong)(uint)high << 31) | (uint)low) & ((1UL << bits) - 1);

    public static Gen<byte> Byte { get; } = Gen.Choose(0, 255).Select(value => (byte)value);

    public static Gen<byte[]> Bytes(int maxLength) =>
        from length in Gen.Choose(0, maxLength)
        from bytes in Gen.ArrayOf(Byte, length)
        select bytes;

    public static void Check<T>(Gen<T> generator, Action<T> property, int cases = 300) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure
                .WithMaxTest(cases)
                .WithQuietOnSuccess(true)
                .WithReplay(new Replay(new Rnd(Seed), FSharpOption<int>.None)),
            Prop.ForAll(generator.ToArbitrary(), property));
}
