using Relay.Interop.Tests.Relays;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Targets;
using Relay.Load.Workloads;
using Relay.Native.Linux;
using Relay.Native.Tls;
using Relay.Node.Counters;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Loopback;

/// <summary>relay-load's client as hard on a relay as most clients are, and as easy as it can be.</summary>
public sealed class ProfileTests : IDisposable
{
    // Few enough that no socket drops any, though nobody reads it for a while.
    private const int Bytes = 512 * 1024;

    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ClientProfile.Plain)]
    [InlineData(ClientProfile.Batched)]
    internal async Task Uploaded_ByAPlainClient_HasACallForEachPacket(ClientProfile profile)
    {
        var (sent, _) = await TransferAsync(profile, upward: true);
        Assert.True(sent.PacketsSent > Bytes / 1452);
        if (profile == ClientProfile.Plain)
        {
            Assert.Equal(0, sent.SegmentsCoalesced);
            Assert.True(sent.SyscallCount >= sent.PacketsSent);
        }
        else
        {
            Assert.True(sent.SyscallCount < sent.PacketsSent / 2);
        }
    }

    // RFC 9000 §13.2.2. A client that read several packets at a time would tell of them together.
    [Fact]
    public async Task Downloaded_ByAPlainClient_IsAcknowledgedForEverySecondPacket()
    {
        var (_, counters) = await TransferAsync(ClientProfile.Plain, upward: false);
        Assert.True(counters.PacketsReceived >= Bytes / 1452 / 2);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("batched")]
    public async Task Profile_IsNamedByTheResult(string profile)
    {
        await using var node = Start();
        var run = await LoadRun.AgainstAsync(
            node.Port, Limits.Exchange, "echo", "--profile", profile, "--count", "200", "--fail-on-loss", "--timeout", "120");
        Assert.Equal(profile, run.Text("profile"));
    }

    /// <summary>Transfers some bytes, and says what the client sent by, and what the relay counted.</summary>
    private async Task<(SendBatch Sent, LoopCounters Relay)> TransferAsync(ClientProfile profile, bool upward)
    {
        await using var node = Start();
        using var targets = new TargetSet(IPAddress.Loopback, cpu: null);
        var target = upward ? targets.AddTcpSink(0).LocalEndPoint : targets.AddTcpSource(0).LocalEndPoint;
        targets.Start();
        var workload = new TransferWorkload(
            new TransferOptions { Target = TargetSet.Authority(target), Upward = upward, BytesPerFlow = Bytes },
            new RunMeter(relayPid: null));
        using var loop = new ClientLoop(
            new ClientConfig
            {
                Relay = new IPEndPoint(IPAddress.Loopback, node.Port),
                ServerName = "localhost",
                Tls = TlsContext.CreateClient([], verifyPeer: false),
                Profile = profile,
            },
            workload);
        await Task.Run(loop.Run, TestContext.Current.CancellationToken)
            .WaitAsync(Limits.Transfer, TestContext.Current.CancellationToken);
        Assert.Null(workload.Failure);
        await node.Server.DrainAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        return (loop.Sending, node.Server.ReadCounters());
    }

    private NodeInProcess Start() => NodeInProcess.Start(_authority, _folder, workers: 1);
}
