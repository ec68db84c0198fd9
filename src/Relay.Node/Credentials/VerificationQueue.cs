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
    /// <summary>Passwords that wait: of each a core has a tenth of a second to do.</summary>
    public const int Passwords = 64;

    /// <summary>Tokens that wait: of each there is a ten-thousandth, and 8 KiB at most are kept.</summary>
    public const int Tokens = 1024;

    private readonly Queue<Action> _waiting = new();
    private readonly int _capacity;

    /// <summary>Few: relaying comes first.</summary>
    public static int DefaultThreads => Math.Clamp(Environment.ProcessorCount / 4, 1, 4);

    /// <summary>Starts the threads; they run as long as the process does.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="capacity">How many verifications wait at most.</param>
    public VerificationQueue(int threads, int capacity = Passwords)
    {
        _capacity = capacity;
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
            if (_waiting.Count >= _capacity)
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
