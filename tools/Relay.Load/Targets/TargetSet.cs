using System.Net;
using Relay.Protocol;

namespace Relay.Load.Targets;

/// <summary>The built-in targets, all in one thread.</summary>
internal sealed class TargetSet : IDisposable
{
    private readonly TargetLoop _loop;
    private readonly IPAddress _address;
    private readonly List<IDisposable> _targets = [];

    public TargetSet(IPAddress address, int? cpu)
    {
        _address = address;
        _loop = new TargetLoop(cpu);
    }

    public UdpEcho AddUdpEcho(int port) => Add(new UdpEcho(_loop, EndPoint(port)));

    public UdpSink AddUdpSink(int port) => Add(new UdpSink(_loop, EndPoint(port)));

    public UdpSource AddUdpSource(int port) => Add(new UdpSource(_loop, EndPoint(port)));

    public TcpTarget AddTcpEcho(int port) => AddTcp(port, (loop, socket) => new TcpEcho(loop, socket));

    public TcpTarget AddTcpSource(int port) => AddTcp(port, (loop, socket) => new TcpSource(loop, socket));

    public TcpTarget AddTcpSink(int port) => AddTcp(port, (loop, socket) => new TcpSink(loop, socket));

    /// <summary>Starts the thread; no target can be added afterwards.</summary>
    public void Start()
    {
        _loop.Start();
        if (_loop.Error is { } error)
            throw error;
    }

    public long ReadCpu() => _loop.ReadCpu();

    public static TargetAuthority Authority(IPEndPoint endpoint) => new(endpoint.Address.ToString(), endpoint.Port);

    public void Dispose()
    {
        _loop.Dispose();
        foreach (var target in _targets)
            target.Dispose();
    }

    private TcpTarget AddTcp(int port, Func<TargetLoop, Relay.Native.Linux.StreamSocket, TcpTargetConnection> create) =>
        Add(new TcpTarget(_loop, EndPoint(port), create));

    private IPEndPoint EndPoint(int port) => new(_address, port);

    private T Add<T>(T target) where T : IDisposable
    {
        _targets.Add(target);
        return target;
    }
}
