using System.Net.Sockets;

namespace Relay.Node.Tests.Targets;

/// <summary>Lookups of IPv4 that end when the test says so; those of IPv6 never do.</summary>
internal sealed class ScriptedLookup
{
    private readonly Dictionary<string, TaskCompletionSource<IPAddress[]>> _pending = [];

    /// <summary>The names asked for, in order.</summary>
    public List<string> Asked { get; } = [];

    public Task<IPAddress[]> LookUpAsync(string host, AddressFamily family)
    {
        if (family == AddressFamily.InterNetworkV6)
            return new TaskCompletionSource<IPAddress[]>().Task; // is never answered
        Asked.Add(host);
        var pending = new TaskCompletionSource<IPAddress[]>();
        _pending.Add(host, pending);
        return pending.Task;
    }

    public void Answer(string host, params string[] addresses)
    {
        _pending.Remove(host, out var pending);
        pending!.SetResult([.. addresses.Select(IPAddress.Parse)]);
    }

    public void Fail(string host, SocketError error) => Fail(host, new SocketException((int)error));

    public void Fail(string host, Exception exception)
    {
        _pending.Remove(host, out var pending);
        pending!.SetException(exception);
    }
}
