using System.Diagnostics;
using Relay.Fuzz.Engine;

namespace Relay.Fuzz;

/// <summary>Runs a target without AFL++.</summary>
/// <param name="name">The target's name, of which its corpus is.</param>
/// <param name="target">The target.</param>
/// <param name="output">Hears of what does not hold, and of the end.</param>
internal sealed class PlainRun(string name, FuzzTarget target, TextWriter output)
{
    /// <summary>Runs inputs that are made of the corpus; each has its own seed, by which it is made again.</summary>
    /// <returns>The status to exit with.</returns>
    public int Generate(int seed, int count)
    {
        var mutator = new Mutator([.. Corpus.Of(name).Select(static input => input.Bytes)], target.Words);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var one = unchecked(seed + i) & int.MaxValue;
            if (!Holds(mutator.Next(one), $"--seed {one} --count 1"))
                return 1;
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine($"{name}: {count} inputs in {seconds:F0} s, {count / seconds:F0} a second");
        return 0;
    }

    /// <summary>The same, until a node in memory was given so many QUIC packets.</summary>
    /// <param name="seed">The first seed.</param>
    /// <param name="packets">How many packets.</param>
    /// <returns>The status to exit with.</returns>
    public int GeneratePackets(int seed, long packets)
    {
        var mutator = new Mutator([.. Corpus.Of(name).Select(static input => input.Bytes)], target.Words);
        var began = Stopwatch.GetTimestamp();
        var inputs = 0;
        for (; target.Packets < packets; inputs++)
        {
            var one = unchecked(seed + inputs) & int.MaxValue;
            if (!Holds(mutator.Next(one), $"--seed {one} --count 1"))
                return 1;
            if (inputs == 0 && target.Packets == 0)
            {
                output.WriteLine($"{name} gives no node packets of QUIC");
                return 2;
            }
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(
            $"{name}: {target.Packets} packets, {inputs} inputs in {seconds:F0} s, {target.Packets / seconds:F0} packets a second");
        return 0;
    }

    /// <summary>Runs the inputs of a file or a folder.</summary>
    /// <returns>The status to exit with.</returns>
    public int Replay(string path)
    {
        var inputs = Corpus.Read(path);
        var failed = inputs.Count(input => !Holds(input.Bytes, $"--replay {path} ({input.Name})"));
        output.WriteLine($"{name}: {inputs.Count} inputs, {failed} failed");
        return failed == 0 && inputs.Count > 0 ? 0 : 1;
    }

    private bool Holds(byte[] input, string again)
    {
        try
        {
            target.Run(input);
            return true;
        }
        catch (Exception exception)
        {
            output.WriteLine($"""
                {name} {again}: {exception}
                {input.Length} bytes: {Convert.ToHexString(input)}
                """);
            return false;
        }
    }
}
