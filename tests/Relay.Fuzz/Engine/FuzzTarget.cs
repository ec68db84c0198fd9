namespace Relay.Fuzz.Engine;

/// <summary>Something that takes bytes of a stranger, and what is true of it whatever they are.</summary>
/// <param name="asserts">What a run checks beside that nothing is thrown.</param>
internal abstract class FuzzTarget(string asserts)
{
    public string Asserts => asserts;

    /// <summary>What inputs are made of where they are not made by coverage.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>QUIC packets that a node in memory was given by all runs; 0 of other targets.</summary>
    public long Packets { get; protected set; }

    /// <summary>Reads one input. The same input does the same.</summary>
    /// <exception cref="Exception">A property does not hold.</exception>
    public abstract void Run(ReadOnlySpan<byte> input);
}
