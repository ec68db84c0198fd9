using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>Writes capsules.</summary>
internal static class Capsules
{
    /// <summary>A capsule whose value is a context ID and a payload.</summary>
    public static byte[] Write(ulong type, ulong context, ReadOnlySpan<byte> payload)
    {
        Span<byte> id = stackalloc byte[VariableLengthInteger.MaxLength];
        var idLength = VariableLengthInteger.Write(id, context);
        return [.. Header(type, (ulong)(idLength + payload.Length)), .. id[..idLength], .. payload];
    }

    /// <summary>The beginning of a capsule that announces so many bytes.</summary>
    public static byte[] Header(ulong type, ulong length)
    {
        var header = new byte[Capsule.MaxHeaderLength];
        return header[..Capsule.WriteHeader(header, type, length)];
    }
}
