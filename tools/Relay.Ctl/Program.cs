namespace Relay.Ctl;

/// <summary>The program relayctl.</summary>
internal static class Program
{
    private static int Main() => 0;
}
