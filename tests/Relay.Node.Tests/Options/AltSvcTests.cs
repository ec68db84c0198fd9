namespace Relay.Node.Tests.Options;

/// <summary>Where clients over TCP are told that HTTP/3 is.</summary>
public sealed class AltSvcTests
{
    private readonly CommandLineRun _run = new();

    [Fact]
    public void Absent_IsTheListenersOwnPort() => Assert.Null(_run.Config().AltSvcPort);

    [Theory]
    [InlineData("443", 443)]
    [InlineData("65535", 65_535)]
    [InlineData("off", 0)]
    [InlineData("OFF", 0)]
    public void Given_IsTaken(string text, int expected)
    {
        Assert.Equal(expected, _run.Config("--alt-svc", text).AltSvcPort);
        Assert.Equal(expected, new CommandLineRun().With("RELAY_ALT_SVC", text).Config().AltSvcPort);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("+443")]
    [InlineData("h3=\":443\"")]
    [InlineData("on")]
    public void Wrong_IsAnErrorThatNamesIt(string text) => _run.Fails(
        ["--alt-svc", text], $"--alt-svc: '{text}' is neither a port from 1 to 65535 nor off");
}
