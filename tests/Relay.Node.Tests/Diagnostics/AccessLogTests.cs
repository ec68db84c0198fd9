using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Node.Counters;
using Relay.Node.Diagnostics;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tests.Diagnostics;

public sealed class AccessLogTests : IDisposable
{
    private static readonly DateTimeOffset Ended = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private readonly ScratchFolder _folder = new();

    private string Path => _folder.File("access.log");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false,
        "time=2026-01-02T03:04:05.678Z session=7 http=3 type=udp outcome=completed duration_ms=1500 bytes_up=1 bytes_down=2"
        + " datagrams_up=3 datagrams_down=4 egress=[2001:db8::5]:4000 client=192.0.2.7 identity=credential:alice\n")]
    [InlineData(true,
        """
        {"time":"2026-01-02T03:04:05.678Z","session":7,"http":"3","type":"udp","outcome":"completed","duration_ms":1500,"bytes_up":1,"bytes_down":2,"datagrams_up":3,"datagrams_down":4,"egress":"[2001:db8::5]:4000","client":"192.0.2.7","identity":"credential:alice"}

        """)]
    public void Line_OfATunnel(bool json, string line) => Assert.Equal(line, Write(json, Record()));

    [Theory]
    [InlineData(false,
        "time=2026-01-02T03:04:05.678Z session=7 http=3 type=tcp outcome=refused error=connection_refused duration_ms=1500"
        + " bytes_up=1 bytes_down=2 target=target.test:80\n")]
    [InlineData(true,
        """
        {"time":"2026-01-02T03:04:05.678Z","session":7,"http":"3","type":"tcp","outcome":"refused","error":"connection_refused","duration_ms":1500,"bytes_up":1,"bytes_down":2,"target":"target.test:80"}

        """)]
    public void Line_OfATargetNotReached(bool json, string line) => Assert.Equal(line, Write(json, Record() with
    {
        IsUdp = false,
        Outcome = TunnelOutcome.Refused,
        Error = ProxyErrorType.ConnectionRefused,
        Egress = null,
        Client = null,
        Identity = null,
        Target = "target.test:80",
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Record_NeverNamesClientAndTargetTogether(bool withTarget)
    {
        using var network = new Network();
        var client = network.Establish();
        foreach (var stream in (TestStream[])[client.Connect(), client.ConnectUdp()])
        {
            stream.Finish();
            Assert.True(network.Run(() => stream.Ended));
        }
        foreach (var tunnel in network.Node.Loop.Ended)
        {
            var record = AccessRecord.Of(tunnel, Ended, network.Simulation.Now, withTarget);
            Assert.Equal((withTarget, !withTarget), (record.Target is not null, record.Client is not null));
            Assert.Equal(withTarget, record.Identity is null);
            Assert.Equal((1L, "198.51.100.200:40000"), (record.Session, record.Egress?.ToString()));
            foreach (var json in (bool[])[false, true])
            {
                var line = Write(json, record);
                Assert.Equal(withTarget, line.Contains("target.test", StringComparison.Ordinal));
                Assert.Equal(!withTarget, line.Contains("198.51.100.1\"", StringComparison.Ordinal)
                    || line.Contains("client=198.51.100.1 ", StringComparison.Ordinal));
                Assert.Equal(!withTarget, line.Contains("anonymous", StringComparison.Ordinal));
            }
        }
        network.CloseAndAssertClean();
    }

    [Fact]
    public async Task Lines_AreAllWrittenBeforeItCloses()
    {
        var log = AccessLog.Open(AccessLog.Opener(Path), json: true, NullLogger.Instance, withTargets: false);
        for (var session = 0; session < 5000; session++)
            Assert.True(log.TryAdd(Record() with { Session = session }));
        await log.DisposeAsync();
        var lines = await File.ReadAllLinesAsync(Path, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 5000),
            lines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("session").GetInt32()));
    }

    [Fact]
    public async Task Overflow_DropsLinesAndDoesNotWait()
    {
        using var blocked = new BlockedStream();
        var log = AccessLog.Open(() => blocked, json: false, NullLogger.Instance, withTargets: false);
        var taken = 0;
        while (log.TryAdd(Record()))
            taken++;
        Assert.InRange(taken, AccessLog.Capacity, 2 * AccessLog.Capacity);
        blocked.Open();
        await log.DisposeAsync();
        Assert.InRange(blocked.Lines, taken, 3 * AccessLog.Capacity);
    }

    [Fact]
    public async Task Reopen_AfterAMove_GoesOnInANewFile()
    {
        await using (var log = AccessLog.Open(
            AccessLog.Opener(Path), json: false, NullLogger.Instance, withTargets: false))
        {
            Assert.True(log.TryAdd(Record() with { Session = 1 }));
            await Eventually.HoldsAsync(() => File.ReadAllText(Path).Contains("session=1 ", StringComparison.Ordinal));
            File.Move(Path, Path + ".1");
            log.Reopen();
            Assert.True(log.TryAdd(Record() with { Session = 2 }));
        }
        Assert.Contains("session=1 ", Assert.Single(File.ReadAllLines(Path + ".1")), StringComparison.Ordinal);
        Assert.Contains("session=2 ", Assert.Single(File.ReadAllLines(Path)), StringComparison.Ordinal);
    }

    private static AccessRecord Record() => new(
        Ended, 7, HttpProtocol.Http3, IsUdp: true, TunnelOutcome.Completed, ProxyErrorType.None, TimeSpan.FromMilliseconds(1500), 1,
        2, 3, 4,
        IPEndPoint.Parse("[2001:db8::5]:4000"), IPAddress.Parse("192.0.2.7"),
        SessionIdentity.OfCredential("alice"), Target: null);

    private static string Write(bool json, in AccessRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        new AccessLineWriter(json).Write(record, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A disk that takes nothing until it is let.</summary>
    private sealed class BlockedStream : MemoryStream
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Lines { get; private set; }

        public void Open() => _open.SetResult();

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _open.Task;
            Lines += buffer.Span.Count((byte)'\n');
        }
    }
}
