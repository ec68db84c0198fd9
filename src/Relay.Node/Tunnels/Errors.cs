namespace Relay.Node.Tunnels;

/// <summary>The errno values that tunnels tell apart (errno(3), Linux).</summary>
internal static class Errors
{
    internal const int Again = 11;
}
