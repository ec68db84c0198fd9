using System.Buffers.Binary;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Relay.Deploy.Tests.Packages;

/// <summary>For which processors a file's code is.</summary>
internal static class MachineCode
{
    // So the runtime tells images of operating systems apart (IMAGE_FILE_MACHINE_OS_MASK_LINUX of pedecoder.h).
    private const ushort Linux = 0x7B79;

    /// <summary>Those; null for a file without machine code, and of others than the two that there are packages for -1.</summary>
    public static Architecture? Of(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[20];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            return null;
        // elf(5): e_machine.
        if (head.StartsWith("\u007fELF"u8))
        {
            return BinaryPrimitives.ReadUInt16LittleEndian(head[18..]) switch
            {
                0x3E => Architecture.X64,
                0xB7 => Architecture.Arm64,
                _ => (Architecture)(-1),
            };
        }
        if (!head.StartsWith("MZ"u8))
            return null;
        file.Position = 0;
        using var image = new PEReader(file);
        return (ushort)image.PEHeaders.CoffHeader.Machine switch
        {
            // Not compiled ahead of time.
            (ushort)Machine.I386 => null,
            (ushort)Machine.Amd64 ^ Linux => Architecture.X64,
            (ushort)Machine.Arm64 ^ Linux => Architecture.Arm64,
            _ => (Architecture)(-1),
        };
    }
}
