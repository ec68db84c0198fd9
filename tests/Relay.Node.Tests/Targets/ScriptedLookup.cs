using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Tests.Targets;

/// <summary>Lookups that end when the test says so.</summary>
internal sealed class ScriptedLookup
{
    private readonly Dictionary<string, TaskCompletionSource<IPAddress[]>> _pending = [];

    /// <summary>The names asked for, in order.</summary>
    public List<string> Asked { get; } = [];

    public Task<IPAddress[]> LookUpAsync(string host)
    {
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
