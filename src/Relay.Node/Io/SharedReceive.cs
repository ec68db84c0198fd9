using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <summary>
/// The loop's one receive batch for target sockets. A flow that could not forward all of it, since its client is
/// congested, keeps it until another flow needs it; only then is the rest copied to the flow's own memory.
/// </summary>
internal sealed class SharedReceive
{
    private IBatchOwner? _owner;

    internal DatagramBatch Batch { get; } = new(messages: 32);

    /// <summary>Makes a flow the owner of the batch.</summary>
    internal void Acquire(IBatchOwner owner)
    {
        if (_owner is { } previous && !ReferenceEquals(previous, owner))
            previous.Park();
        _owner = owner;
    }

    /// <summary>The owner is gone.</summary>
    internal void Forget(IBatchOwner owner)
    {
        if (ReferenceEquals(_owner, owner))
            _owner = null;
    }

    /// <summary>Whether the batch is a flow's.</summary>
    internal bool IsOwnedBy(IBatchOwner owner) => ReferenceEquals(_owner, owner);
}

/// <summary>Holds the shared batch.</summary>
internal interface IBatchOwner
{
    /// <summary>Copies what is left of the batch, which another flow takes over.</summary>
    void Park();
}
