namespace Relay.Hosting.Systemd;

/// <summary>What <c>StateDirectory=</c> of a unit gives its process (systemd.exec(5)).</summary>
internal static class StateDirectory
{
    /// <summary>The first folder that it names; null where the process has none.</summary>
    internal static string? Path => Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } paths
        ? paths.Split(':')[0] : null;
}
