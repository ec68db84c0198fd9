namespace Relay.Abuse.Wire;

/// <summary>Whom this program may speak to: 127.0.0.0/8, and nobody else. Each socket asks.</summary>
internal static class Loopback
{
    public static bool Is(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(address);

    /// <exception cref="InvalidOperationException">It is not loopback.</exception>
    public static void Require(IPAddress address)
    {
        if (!Is(address))
            throw new InvalidOperationException($"{address} is not loopback.");
    }
}
