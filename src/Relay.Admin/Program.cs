namespace Relay.Admin;

/// <summary>The program relay-admin: a coordinator.</summary>
internal static class Program
{
    private static int Main() => 0;
}
