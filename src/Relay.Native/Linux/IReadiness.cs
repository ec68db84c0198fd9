namespace Relay.Native.Linux;

/// <summary>Hears when its descriptor is ready. Edge-triggered: said once, until it is read or written empty.</summary>
public interface IReadiness
{
    /// <summary>The descriptor is ready.</summary>
    void OnReady(EpollInterest events);
}
