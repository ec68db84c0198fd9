namespace Relay.Fleet;

/// <summary>A <see cref="LocalFleet"/> that is ticked once a second.</summary>
public sealed class LocalFleetHost : IFleetHost
{
    /// <summary>Starts a fleet in this process.</summary>
    /// <exception cref="FormatException">The pools' file is not what it should be; the message says where.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LocalFleetHost Start(LocalFleetConfig config, TimeProvider? time = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IFleet Fleet => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task Failed => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
