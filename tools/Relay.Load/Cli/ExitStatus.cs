namespace Relay.Load.Cli;

/// <summary>The program's exit statuses.</summary>
internal static class ExitStatus
{
    public const int Ok = 0;

    /// <summary>Something that was measured went wrong, or the relay refused.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;
}

/// <summary>The command line was wrong in a way that only its evaluation found.</summary>
internal sealed class UsageException(string message) : Exception(message);
