using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <summary>Hears when its descriptor is ready. Edge-triggered: said once, until it is read or written empty.</summary>
internal interface IReadiness
{
    /// <summary>The descriptor is ready.</summary>
    void OnReady(EpollInterest events);
}
