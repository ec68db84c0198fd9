using System.Diagnostics;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Diagnostics.Tracing;

/// <summary>A listener hears of every tunnel of the process: no other test may run meanwhile.</summary>
[CollectionDefinition(nameof(TunnelTraceTests), DisableParallelization = true)]
[Collection(nameof(TunnelTraceTests))]
public class TunnelTraceTests
{
    [Fact]
    public void Start_NobodyListens_IsNull() => Assert.Null(TunnelTrace.Start(udp: true));

    [Fact]
    public void Start_NotSampled_IsNull()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans, ActivitySamplingResult.None);
        Assert.Null(TunnelTrace.Start(udp: true));
        Assert.Empty(spans);
    }

    [Fact]
    public void Steps_AreSpansOfTheSetUp()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        var trace = TunnelTrace.Start(udp: false)!;
        foreach (var step in Enum.GetValues<SetUpStep>())
        {
            trace.Begin(step);
            Assert.Null(Activity.Current);
        }
        trace.Complete();
        Assert.Equal(
            ["resolve", "policy", "connect", "first_byte", "tunnel.setup"],
            spans.Select(static span => span.OperationName));
        var setUp = spans[^1];
        Assert.Equal(("tcp", default(ActivitySpanId)), (setUp.GetTagItem("relay.tunnel.type"), setUp.ParentSpanId));
        Assert.All(spans[..^1], span => Assert.Equal((setUp.TraceId, setUp.SpanId), (span.TraceId, span.ParentSpanId)));
        Assert.All(spans, static span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        Assert.Null(Activity.Current);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tunnel_FirstByteOfTheTarget_CompletesTheSetUp(bool udp)
    {
        var spans = new List<Activity>();
        using var network = new Network();
        network.Node.Connector.SetUpTcp = static _ => { };
        var client = network.Establish();
        using (Listen(spans))
        {
            var stream = udp ? client.ConnectUdp() : client.Connect();
            Assert.True(network.Run(() => stream.Status == 200));
            Assert.Empty(spans);
            if (udp)
                network.Node.Connector.Udp[0].Deliver("x"u8.ToArray());
            else
                network.Node.Connector.Tcp[0].Produce(1);
            network.Run(Time.Milliseconds(100));
        }
        Assert.Equal(["first_byte", "tunnel.setup"], spans.Select(static span => span.OperationName));
        Assert.All(spans, static span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        Assert.Equal(udp ? "udp" : "tcp", spans[1].GetTagItem("relay.tunnel.type"));
        network.CloseAndAssertClean();
        Assert.Equal(2, spans.Count);
    }

    [Fact]
    public void Tunnel_Refused_SaysWhy()
    {
        var spans = new List<Activity>();
        using var network = new Network();
        network.Node.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionRefused);
        var client = network.Establish();
        using (Listen(spans))
        {
            var stream = client.Connect();
            Assert.True(network.Run(() => stream.Status == 502));
        }
        var span = Assert.Single(spans);
        Assert.Equal(
            ("tunnel.setup", ActivityStatusCode.Error, "connection_refused"),
            (span.OperationName, span.Status, span.GetTagItem("error.type")));
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Tunnel_GoneBeforeTheFirstByte_SaysWhoEndedIt()
    {
        var spans = new List<Activity>();
        using var network = new Network();
        var client = network.Establish();
        using (Listen(spans))
        {
            var stream = client.Connect();
            Assert.True(network.Run(() => stream.Status == 200));
            stream.Reset(Http3ErrorCode.RequestCancelled);
            Assert.True(network.Run(() => spans.Count == 2));
        }
        Assert.All(spans, static span => Assert.Equal("client_aborted", span.GetTagItem("error.type")));
        network.CloseAndAssertClean();
    }

    private static ActivityListener Listen(
        List<Activity> spans, ActivitySamplingResult result = ActivitySamplingResult.AllDataAndRecorded)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == TunnelTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => result,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
