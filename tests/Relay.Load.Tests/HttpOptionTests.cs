using System.CommandLine;
using Relay.Load.Cli;
using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Tests;

public class HttpOptionTests
{
    [Theory]
    [InlineData("", 3, "Datagram")]
    [InlineData("--http 3 --quic 2 --carrier mixed --optimistic", 3, "Mixed")]
    [InlineData("--http 2 --optimistic", 2, "Capsule")]
    [InlineData("--http 2 --carrier capsule", 2, "Capsule")]
    [InlineData("--http 1", 1, "Capsule")]
    public void Http_WithWhatItCarries_IsTaken(string options, int http, string carrier)
    {
        var config = Read(options);
        Assert.Equal(http, HttpProtocolNames.MajorOf(config.Protocol));
        Assert.Equal(carrier, config.Carrier.ToString());
        Assert.Equal(http == 1, config.ConnectsForEach);
    }

    [Theory]
    [InlineData("--http 0", "--http")]
    [InlineData("--http 1 --quic 1", "--quic")]
    [InlineData("--http 2 --max-packet 1400", "--max-packet")]
    [InlineData("--http 2 --carrier datagram", "--carrier")]
    [InlineData("--http 1 --carrier mixed", "--carrier")]
    [InlineData("--http 1 --optimistic", "--optimistic")]
    [InlineData("--http 1 --profile plain", "--profile")]
    [InlineData("--http 2 --profile plain", "--profile")]
    [InlineData("--http 2 --profile batched", "--profile")]
    public void Http_WithWhatIsOfQuic_IsAUsageError(string options, string named) =>
        Assert.StartsWith(named, Assert.Throws<UsageException>(() => Read(options)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", ClientProfile.Batched)]
    [InlineData("--profile batched --http 3", ClientProfile.Batched)]
    [InlineData("--profile plain", ClientProfile.Plain)]
    [InlineData("--http 2", ClientProfile.Batched)]
    internal void Profile_OfHttp3_IsTaken(string options, ClientProfile profile) =>
        Assert.Equal(profile, Read(options).Profile);

    [Theory]
    [InlineData("--http 1 --flows 5", 5, 5)]
    [InlineData("--http 1 --flows 5 --connections 5", 5, 5)]
    [InlineData("--http 2 --flows 5", 5, 1)]
    [InlineData("--flows 5 --connections 2", 5, 2)]
    public void Flows_OverHttp1_HaveAConnectionEach(string options, int flows, int connections) =>
        Assert.Equal((flows, connections), Spread(options));

    [Theory]
    [InlineData("--http 1 --flows 5 --connections 2")]
    [InlineData("--flows 1 --connections 2")]
    [InlineData("--http 2 --connections 0")]
    public void Connections_ThatTheFlowsCannotHave_AreAUsageError(string options) =>
        Assert.Throws<UsageException>(() => Spread(options));

    [Fact]
    public void Rebinding_OverTcp_IsAUsageError() => Assert.Equal(
        ExitStatus.Usage,
        new EchoCommand().Parse("--relay 127.0.0.1:1 --insecure --http 2 --rebind-every 5".Split(' ')).Invoke());

    private static ClientConfig Read(string options)
    {
        var relay = new RelayOptions();
        var command = new Command("test");
        relay.AddTo(command);
        return relay.Read(Parse(command, options));
    }

    private static (int Flows, int Connections) Spread(string options)
    {
        var (relay, spread) = (new RelayOptions(), new SpreadOptions());
        var command = new Command("test");
        relay.AddTo(command);
        command.Takes(spread.All);
        var result = Parse(command, options);
        return spread.Read(result, relay.Read(result));
    }

    private static ParseResult Parse(Command command, string options)
    {
        var result = command.Parse(
            ["--relay", "127.0.0.1:1", "--insecure", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Empty(result.Errors);
        return result;
    }
}
