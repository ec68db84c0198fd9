using Relay.Native.Ngtcp2;
using Relay.Native.Quic;

namespace Relay.Native.Tests.Quic;

/// <summary>Keys from secrets, as the RFCs have them.</summary>
public sealed unsafe class PacketSecretsTests
{
    private const int Sha256 = 6; // GNUTLS_DIG_SHA256

    /// <summary>RFC 9001 A.1 (server) and A.5, RFC 9369 A.1 (server).</summary>
    [Theory]
    [InlineData(
        Ngtcp2Constants.NGTCP2_PROTO_VER_V1, "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b",
        "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314")]
    [InlineData(
        Ngtcp2Constants.NGTCP2_PROTO_VER_V1, "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b",
        "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8", "e0459b3474bdd0e44a41c144",
        "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4")]
    [InlineData(
        Ngtcp2Constants.NGTCP2_PROTO_VER_V2, "0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1",
        "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a")]
    public void TryDerive_IsAsInTheRfc(uint version, string secret, string key, string iv, string headerKey)
    {
        var hash = new ngtcp2_crypto_md { native_handle = Sha256 };
        var (madeKey, madeIv, madeHeaderKey) =
            (new byte[key.Length / 2], new byte[iv.Length / 2], new byte[headerKey.Length / 2]);
        Assert.True(PacketSecrets.TryDerive(
            CryptoLibrary.GnuTls, version, &hash, Convert.FromHexString(secret), madeKey, madeIv, madeHeaderKey));
        Assert.Equal(
            (key, iv, headerKey),
            (Convert.ToHexStringLower(madeKey), Convert.ToHexStringLower(madeIv),
                Convert.ToHexStringLower(madeHeaderKey)));
    }
}
