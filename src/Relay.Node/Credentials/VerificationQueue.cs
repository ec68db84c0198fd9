namespace Relay.Node.Credentials;

/// <summary>Where slow verifications run: never on a loop.</summary>
internal interface IVerificationQueue
{
    /// <summary>Runs it later, on another thread.</summary>
    /// <returns>False when too many wait.</returns>
    bool TryEnqueue(Action verification);
}

/// <summary>A few threads and a short queue: what is not answered within seconds is better refused.</summary>
internal sealed class VerificationQueue : IVerificationQueue
{
    private const int Capacity = 64;

    private readonly Queue<Action> _waiting = new(Capacity);

    /// <summary>Few: relaying comes first.</summary>
    public static int DefaultThreads => Math.Clamp(Environment.ProcessorCount / 4, 1, 4);

    /// <summary>Starts the threads; they run as long as the process does.</summary>
    public VerificationQueue(int threads)
    {
        for (var i = 0; i < threads; i++)
            new Thread(Run)
            {
                Name = $"verify-{i}",
                IsBackground = true,
                Priority = ThreadPriority.BelowNormal
            }.Start();
    }

    /// <inheritdoc/>
    public bool TryEnqueue(Action verification)
    {
        lock (_waiting)
        {
            if (_waiting.Count >= Capacity)
                return false;
            _waiting.Enqueue(verification);
            Monitor.Pulse(_waiting);
            return true;
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Run()
    {
        while (true)
        {
            Action? verification;
            lock (_waiting)
            {
                while (!_waiting.TryDequeue(out verification))
                    Monitor.Wait(_waiting);
            }
            verification();
        }
    }
}
