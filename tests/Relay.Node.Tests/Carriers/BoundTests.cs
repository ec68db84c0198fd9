using Relay.Node.Counters;

namespace Relay.Node.Tests.Carriers;

/// <summary>What is too large is answered, or ends its connection, and is counted once, whatever carries it.</summary>
public sealed class BoundTests
{
    private static readonly NodeSettings Small = new() { MaxFieldSection = 1024 };

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void HeaderSection_ThatIsTooLarge_Is431_AndCounted(string http)
    {
        using var client = CarriedClient.Create(http, Small);
        var tunnel = client.Connect(more: ("x", new string('y', 2000)));
        Assert.True(client.Run(() => tunnel.Status != 0));
        Assert.Equal((431, 1L, 1L), (
            tunnel.Status, client.Loop.Counters.RefusedTooLarge, client.Loop.Counters.RequestsRefused));
        Assert.Empty(client.Connector.Targets);
    }

    // 32 bytes for each field (RFC 9114 §4.2.2), over HTTP/1.1 too.
    [Theory]
    [InlineData("1.1", 20, 200)]
    [InlineData("1.1", 40, 431)]
    [InlineData("2", 20, 200)]
    [InlineData("2", 40, 431)]
    [InlineData("3", 20, 200)]
    [InlineData("3", 40, 431)]
    public void Fields_AreBoundedByWhatTheyCount(string http, int count, int status)
    {
        using var client = CarriedClient.Create(http, Small);
        var tunnel = client.Connect(more: [.. Enumerable.Range(0, count).Select(static _ => ("x", "y"))]);
        Assert.True(client.Run(() => tunnel.Status != 0));
        Assert.Equal((status, status == 431 ? 1L : 0), (tunnel.Status, client.Loop.Counters.RefusedTooLarge));
    }

    // They are no fields of the request to whoever decides on it.
    [Fact]
    public void FieldsOfTheVersionsOwn_AreBoundedToo()
    {
        using var client = CarriedClient.Create("1.1");
        var tunnel = client.Connect(more: [.. Enumerable.Repeat(("connection", "x"), 120)]);
        Assert.True(client.Run(() => tunnel.Status != 0));
        Assert.Equal((431, 1L), (tunnel.Status, client.Loop.Counters.RefusedTooLarge));
    }

    [Fact]
    public void FirstLine_ThatIsTooLong_Is414_AndCounted()
    {
        using var client = CarriedClient.Create("1.1", Small);
        var tunnel = client.Connect($"{new string('a', 2000)}:80");
        Assert.True(client.Run(() => tunnel.Status != 0));
        Assert.Equal((414, 1L), (tunnel.Status, client.Loop.Counters.RefusedTooLarge));
    }

    [Theory]
    [InlineData("2", 5000, 1)]
    [InlineData("3", 80_000, 0)]
    public void HeaderSection_WithoutMeasure_EndsItsConnection_AndIsCountedOnce(string http, int length, int floods)
    {
        using var client = CarriedClient.Create(http, Small);
        _ = client.Connect(more:
            [.. Enumerable.Range(0, 10).Select(_ => ("x", new string('y', length / 5)))]);
        Assert.True(client.Run(() => client.IsOver));
        Assert.Equal((1L, (long)floods), (
            client.Loop.Counters.RefusedTooLarge, client.Loop.Counters.Http2Floods[(int)Http2Flood.HeaderSection]));
    }
}
