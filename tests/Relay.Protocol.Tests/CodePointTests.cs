using System.Reflection;

namespace Relay.Protocol.Tests;

public class CodePointTests
{
    // RFC 9114 §8.1 and §7.2.4.1, RFC 9204 §5 and §6, RFC 9220 §3, RFC 9297 §2.1.1 and §5.2, RFC 9000 §20.1.
    [Theory]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.DatagramError), 0x33)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.NoError), 0x100)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.ExcessiveLoad), 0x107)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.SettingsError), 0x109)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.RequestRejected), 0x10B)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.RequestCancelled), 0x10C)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.MessageError), 0x10E)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.ConnectError), 0x10F)]
    [InlineData(typeof(Http3ErrorCode), nameof(Http3ErrorCode.QpackDecompressionFailed), 0x200)]
    [InlineData(typeof(Http3Setting), nameof(Http3Setting.QpackMaxTableCapacity), 0x1)]
    [InlineData(typeof(Http3Setting), nameof(Http3Setting.MaxFieldSectionSize), 0x6)]
    [InlineData(typeof(Http3Setting), nameof(Http3Setting.QpackBlockedStreams), 0x7)]
    [InlineData(typeof(Http3Setting), nameof(Http3Setting.EnableConnectProtocol), 0x8)]
    [InlineData(typeof(Http3Setting), nameof(Http3Setting.H3Datagram), 0x33)]
    [InlineData(typeof(QuicTransportError), nameof(QuicTransportError.ConnectionRefused), 0x2)]
    [InlineData(typeof(QuicTransportError), nameof(QuicTransportError.ProtocolViolation), 0xA)]
    [InlineData(typeof(QuicTransportError), nameof(QuicTransportError.NoViablePath), 0x10)]
    [InlineData(typeof(QuicTransportError), nameof(QuicTransportError.CryptoErrorBase), 0x100)]
    public void Constants_OfTheRegistries_HaveTheirValues(Type registry, string name, ulong expected) =>
        Assert.Equal(expected, registry.GetField(name)?.GetRawConstantValue());

    [Theory]
    [InlineData(typeof(Http3ErrorCode))]
    [InlineData(typeof(Http3Setting))]
    [InlineData(typeof(QuicTransportError))]
    public void Constants_OfOneRegistry_AreDistinct(Type registry)
    {
        var values = registry.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetRawConstantValue());

        Assert.Distinct(values);
    }
}
