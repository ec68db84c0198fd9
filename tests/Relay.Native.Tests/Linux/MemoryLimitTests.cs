using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

/// <summary>The limit of memory that the kernel holds the process to, from files as cgroups(7) and proc(5) have them.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const long Machine = 16_384L * 1024;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // Version 2: the group's own, a lesser one above it, none.
    [InlineData("0::/system.slice/relay-node.service", 4096, "system.slice/relay-node.service/memory.max=4096")]
    [InlineData("0::/system.slice/relay-node.service", 2048, "system.slice/relay-node.service/memory.max=4096", "system.slice/memory.max=2048")]
    [InlineData("0::/system.slice/relay-node.service", Machine, "system.slice/relay-node.service/memory.max=max")]
    // A container that sees its group as the root, and one that sees where it is on the machine.
    [InlineData("0::/", 4096, "memory.max=4096")]
    [InlineData("0::/kubepods/pod1", 4096, "memory.max=4096")]
    [InlineData("0::/../pod1", 4096, "memory.max=4096")]
    // Version 1, and both side by side.
    [InlineData("5:cpu:/a\n4:memory:/docker/1", 4096, "memory/docker/1/memory.limit_in_bytes=4096", "memory/memory.limit_in_bytes=9223372036854771712")]
    [InlineData("0::/a\n4:hugetlb,memory:/docker/1", 4096, "memory/memory.limit_in_bytes=4096")]
    // More than there is, and nothing of the kind.
    [InlineData("0::/", Machine, "memory.max=99999999999999")]
    [InlineData("", Machine)]
    public void Limit_IsTheLeastOfGroupsAndMachine(string groups, long expected, params string[] files)
    {
        Write("proc/meminfo", "MemTotal:          16384 kB\nMemFree:             1 kB\n");
        Write("proc/self/cgroup", groups + "\n");
        foreach (var file in files)
        {
            var (path, content) = file.Split('=') is [var before, var after] ? (before, after) : throw new InvalidDataException(file);
            Write($"groups/{path}", content + "\n");
        }
        Assert.Equal(expected, MemoryLimit.Read(_folder.File("proc"), _folder.File("groups")));
    }

    // The collector takes three quarters of a group's limit for its own; the kernel does not.
    [Fact]
    public void Limit_OfThisProcess_IsNoLessThanTheCollectors() =>
        Assert.InRange(MemoryLimit.Bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, long.MaxValue - 1);

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
        File.WriteAllText(_folder.File(path), content);
    }
}
