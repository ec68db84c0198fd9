using Relay.Testing.Network;

namespace Relay.Interop.Tests.Loopback;

/// <summary>relay-load, which takes what comes to a port of loopback through a relay to a target.</summary>
internal static class LoadForwarder
{
    /// <summary>Starts one for connections, and waits until it listens.</summary>
    public static Task<(ChildProcess Process, IPEndPoint Listens)> StartAsync(
        EndPoint target, int relay, string name, params string[] options) =>
        StartAsync("tcp", target, relay, name, options);

    /// <summary>Starts one of either kind, and waits until it listens.</summary>
    public static Task<(ChildProcess Process, IPEndPoint Listens)> StartAsync(
        string mode, EndPoint target, int relay, string name, params string[] options) => ListensAsync(
        ChildProcess.Start([.. Command(mode, target, new IPEndPoint(IPAddress.Loopback, relay)), .. options], name: name));

    /// <summary>Starts one for datagrams in a network of its own, and waits until it listens.</summary>
    public static Task<(ChildProcess Process, IPEndPoint Listens)> StartUdpAsync(
        NetworkNamespace network, EndPoint target, IPEndPoint relay) =>
        ListensAsync(network.Start(Command("udp", target, relay), name: "relay-load udp"));

    private static string[] Command(string mode, EndPoint target, IPEndPoint relay) => OwnProgram.Command(
        "relay-load", mode, $"{target}", "--relay", $"{relay}", "--insecure", "--listen", "127.0.0.1:0");

    private static async Task<(ChildProcess Process, IPEndPoint Listens)> ListensAsync(ChildProcess process)
    {
        var listens = new IPEndPoint(IPAddress.Loopback, 0);
        await process.ReadyAfterAsync(async _ => listens.Port = int.Parse(
            (await process.Log.WaitForAsync(@"listening on 127\.0\.0\.1:(\d+)", Limits.Start)).Groups[1].Value));
        return (process, listens);
    }
}
