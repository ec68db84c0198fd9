namespace Relay.Node.Tests.Options;

public class MetricsOptionTests
{
    private readonly CommandLineRun _run = new();

    [Fact]
    public void Absent_IsNull() => Assert.Null(_run.Config().MetricsAddress);

    // A template such as [$(HOST_IP)]:9464 does not know the family that it is given.
    [Theory]
    [InlineData("[::1]:9464", "[::1]:9464")]
    [InlineData("127.0.0.1:9464", "127.0.0.1:9464")]
    [InlineData("[127.0.0.1]:9464", "127.0.0.1:9464")]
    public void Given_IsTaken(string text, string expected) => Assert.Equal(
        IPEndPoint.Parse(expected), _run.With("RELAY_METRICS_ADDRESS", text).Config().MetricsAddress);

    [Theory]
    [InlineData("localhost:9464", "'localhost:9464' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443")]
    [InlineData("127.0.0.1", "'127.0.0.1' has no port in 0–65535")]
    [InlineData("127.0.0.1:65536", "'127.0.0.1:65536' has no port in 0–65535")]
    public void Wrong_IsAnErrorThatNamesIt(string text, string error) =>
        _run.Fails(["--metrics-address", text], $"--metrics-address: {error}");
}
