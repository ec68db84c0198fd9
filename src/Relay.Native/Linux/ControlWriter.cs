namespace Relay.Native.Linux;

/// <summary>Appends control messages to a message about to be sent, as cmsg(3) lays them out.</summary>
internal unsafe ref struct ControlWriter(byte* control)
{
    private const int HeaderLength = 16; // CMSG_LEN(0) on 64-bit machines
    private int _length;

    /// <summary>Bytes written, each control message padded.</summary>
    internal readonly int Length => _length;

    internal void Add<T>(int level, int type, T value) where T : unmanaged
    {
        var header = (cmsghdr*)(control + _length);
        header->cmsg_len = (nuint)(HeaderLength + sizeof(T));
        header->cmsg_level = level;
        header->cmsg_type = type;
        *(T*)(control + _length + HeaderLength) = value;
        _length += HeaderLength + ((sizeof(T) + 7) & ~7);
    }
}
