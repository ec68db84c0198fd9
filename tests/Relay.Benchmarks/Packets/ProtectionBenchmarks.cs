using BenchmarkDotNet.Attributes;
using Relay.Native.IpsecMb;
using Relay.Native.Tests.IpsecMb;

namespace Relay.Benchmarks.Packets;

/// <summary>Sealing and opening one packet (RFC 9001 §5.3) by each library that this machine has.</summary>
public class ProtectionBenchmarks
{
    /// <summary>A short header's with a packet number of four bytes, and a connection ID of the relay's.</summary>
    private const int HeaderLength = 20;

    private static readonly IpsecMbLibrary? IpsecMb = IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out _);

    private readonly byte[] _nonce = new byte[PacketKey.NonceLength];
    private readonly byte[] _header = new byte[HeaderLength];
    private byte[] _plaintext = [];
    private byte[] _sealed = [];
    private byte[] _result = [];
    private IKeyedCipher? _cipher;

    public static IEnumerable<string> Libraries =>
    [
        "GnuTLS",
        .. IpsecMb is null ? Array.Empty<string>() : ["ipsec_mb"],
        .. TlsLibraryCipher.HasOpenSsl ? ["OpenSSL"] : Array.Empty<string>(),
    ];

    [ParamsSource(nameof(Libraries))]
    public string Library { get; set; } = "";

    [Params(nameof(PacketCipher.Aes128Gcm), nameof(PacketCipher.ChaCha20Poly1305))]
    public string Cipher { get; set; } = "";

    /// <summary>Of the payload, in bytes.</summary>
    [Params(64, 1130)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var cipher = Enum.Parse<PacketCipher>(Cipher);
        var key = new byte[PacketKey.LengthOf(cipher)];
        _cipher = Library switch
        {
            "ipsec_mb" => new IpsecMbCipher(IpsecMb!, cipher, key),
            "OpenSSL" => TlsLibraryCipher.OpenSsl(cipher, key),
            _ => TlsLibraryCipher.GnuTls(cipher, key),
        };
        _plaintext = new byte[Size];
        _result = new byte[Size];
        _sealed = new byte[Size + PacketKey.TagLength];
        _cipher.Seal(_nonce, _header, _plaintext, _sealed);
        if (!Open())
            throw new InvalidOperationException($"{Library} does not open what it sealed.");
    }

    [GlobalCleanup]
    public void Cleanup() => _cipher!.Dispose();

    [Benchmark]
    public void Seal() => _cipher!.Seal(_nonce, _header, _plaintext, _sealed);

    [Benchmark]
    public bool Open() => _cipher!.TryOpen(_nonce, _header, _sealed, _result);
}
