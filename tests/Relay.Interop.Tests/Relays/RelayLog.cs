using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Relays;

/// <summary>What relay-node writes at level debug about its tunnels, each at its end.</summary>
internal static class RelayLog
{
    public static void AssertTcpTunnel(this RelayProcess relay, long bytesUp, long bytesDown) =>
        AssertTunnel(relay, "TCP", bytesUp, bytesDown);

    public static void AssertUdpTunnel(this RelayProcess relay, long bytesUp, long bytesDown) =>
        AssertTunnel(relay, "UDP", bytesUp, bytesDown);

    /// <summary>Every tunnel of a relay that has ended was asked for in this version of HTTP, as its access log has it.</summary>
    public static void AssertSpoken(this RelayProcess relay, string version)
    {
        var spoken = relay.Log.Lines
            .Select(static line => Regex.Match(line, @"^time=\S+ session=\d+ http=(\S+) "))
            .Where(static match => match.Success)
            .Select(static match => match.Groups[1].Value)
            .ToArray();
        Assert.NotEmpty(spoken);
        Assert.All(spoken, one => Assert.Equal(version, one));
    }

    /// <summary>Some tunnel of a relay that has ended carried at least as much.</summary>
    private static void AssertTunnel(RelayProcess relay, string type, long bytesUp, long bytesDown)
    {
        var tunnels = relay.Log.Lines
            .Select(line => Regex.Match(line, $@"\b{type} tunnel ended: \w+, (\d+) bytes up, (\d+) bytes down"))
            .Where(match => match.Success)
            .Select(match => (Up: Number(match.Groups[1].Value), Down: Number(match.Groups[2].Value)));
        Assert.True(
            tunnels.Any(tunnel => tunnel.Up >= bytesUp && tunnel.Down >= bytesDown),
            $"No {type} tunnel carried {bytesUp} bytes up and {bytesDown} bytes down. {relay.Log.Describe()}");
    }

    private static long Number(string digits) => long.Parse(digits);
}
