using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class SocketEndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:4433", 16)]
    [InlineData("0.0.0.0:0", 16)]
    [InlineData("[::1]:65535", 28)]
    [InlineData("[2001:db8::1]:1", 28)]
    [InlineData("[fe80::1%7]:53", 28)]
    [InlineData("[::ffff:192.0.2.1]:9", 28)]
    public void SocketEndpoint_FromManaged_ConvertsBack(string text, int length)
    {
        var managed = IPEndPoint.Parse(text);
        var endpoint = new SocketEndpoint(managed);
        Assert.Equal(managed, endpoint.ToIPEndPoint());
        Assert.Equal(managed.Address.ScopeIdOrZero(), endpoint.ToIPEndPoint().Address.ScopeIdOrZero());
        Assert.Equal(length, endpoint.Length);
        Assert.Equal(length, endpoint.AsSpan.Length);
        Assert.Equal(managed.Port, endpoint.Port);
        Assert.Equal(length == 16, endpoint.IsIPv4);
        Assert.Equal(length == 28, endpoint.IsIPv6);

        var copy = new SocketEndpoint(endpoint.AsSpan);
        Assert.True(copy == endpoint);
        Assert.Equal(endpoint.GetHashCode(), copy.GetHashCode());
        Span<byte> address = stackalloc byte[16];
        Assert.Equal(managed.Address.GetAddressBytes(), address[..endpoint.WriteAddressBytes(address)].ToArray());
    }

    [Fact]
    public void AsSpan_OfIPv4_IsSockaddrIn()
    {
        var endpoint = new SocketEndpoint(IPEndPoint.Parse("192.0.2.1:4433"));
        Assert.Equal([2, 0, 0x11, 0x51, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0], endpoint.AsSpan.ToArray());
    }

    [Fact]
    public void Equals_WhenOnePartDiffers_IsFalse()
    {
        string[] texts =
        [
            "192.0.2.1:1", "192.0.2.2:1", "192.0.2.1:2", "[::1]:1", "[::2]:1", "[1::1]:1", "[fe80::1%1]:1",
            "[fe80::1%2]:1",
        ];
        var endpoints = texts.Select(text => new SocketEndpoint(IPEndPoint.Parse(text))).ToHashSet();
        Assert.Equal(texts.Length, endpoints.Count);
    }

    [Fact]
    public void SocketEndpoint_FromBytesCutShortOrForeign_Throws()
    {
        Assert.Throws<ArgumentException>(() => new SocketEndpoint([2, 0, 0, 1, 127, 0, 0, 1]));
        Assert.Throws<ArgumentException>(() => new SocketEndpoint([1, 0, (byte)'/', 0]));
        Assert.Throws<ArgumentException>(() => new SocketEndpoint([]));
    }

    [Fact]
    public void Default_HasNoAddress()
    {
        SocketEndpoint endpoint = default;
        Assert.Equal(0, endpoint.WriteAddressBytes(stackalloc byte[16]));
        Assert.Equal("none", endpoint.ToString());
        Assert.True(endpoint.AsSpan.IsEmpty);
    }
}

file static class Addresses
{
    internal static long ScopeIdOrZero(this IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
