using Relay.Node.Credentials;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>Verifications that run when a test says so.</summary>
internal sealed class ManualQueue(int capacity = 64) : IVerificationQueue
{
    private readonly Queue<Action> _waiting = new();

    public int Waiting => _waiting.Count;

    public bool TryEnqueue(Action verification)
    {
        if (_waiting.Count == capacity)
            return false;
        _waiting.Enqueue(verification);
        return true;
    }

    public void RunAll()
    {
        while (_waiting.TryDequeue(out var verification))
            verification();
    }
}
