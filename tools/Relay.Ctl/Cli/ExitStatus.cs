namespace Relay.Ctl.Cli;

/// <summary>The program's exit statuses.</summary>
internal static class ExitStatus
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The coordinator refused, or what was watched did not come to its end.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;

    /// <summary>No coordinator answered.</summary>
    public const int Unreachable = 3;

    /// <summary>A drain that was watched has ended, and tunnels were ended by force or lost.</summary>
    public const int TunnelsLost = 4;

    /// <summary>Ended by Ctrl-C, as a shell counts it.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command line was wrong in a way that only its evaluation found.</summary>
internal sealed class UsageException(string message) : Exception(message);
