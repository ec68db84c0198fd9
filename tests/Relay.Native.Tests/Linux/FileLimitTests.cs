using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

/// <summary>The limit is the process's: nothing else that opens sockets may run at the same time.</summary>
[CollectionDefinition(nameof(FileLimitTests), DisableParallelization = true)]
[Collection(nameof(FileLimitTests))]
public sealed class FileLimitTests : IDisposable
{
    public void Dispose() => FileLimits.RaiseOpenFiles();

    [Theory]
    [InlineData(256, 32)]
    [InlineData(1024, 128)]
    [InlineData(2048, 256)]
    [InlineData(1_048_576, 256)]
    public void Reserve_IsAnEighth_AndAtMost256(long files, long reserve) =>
        Assert.Equal(reserve, FileLimits.ReserveOf(files));

    [Fact]
    public void Sockets_TowardTargets_LeaveTheReserveAlone_AndOthersMayUseIt()
    {
        var target = new IPEndPoint(IPAddress.Loopback, 9);
        using (StreamSocket.Create(target))
        using (DatagramSocket.Connect(target, new DatagramSocketOptions()))
        {
        }
        FileLimits.Ceiling = 3;
        var (refused, open) = (FileLimits.Refused, Open());
        Assert.Equal(Errno.EMFILE, Assert.Throws<SocketSystemException>(() => StreamSocket.Create(target)).Errno);
        Assert.Equal(
            Errno.EMFILE,
            Assert.Throws<SocketSystemException>(
                () => DatagramSocket.Connect(target, new DatagramSocketOptions())).Errno);
        Assert.Equal((refused + 2, open), (FileLimits.Refused, Open()));
        DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), new DatagramSocketOptions()).Dispose();
    }

    [Fact]
    public void Descriptors_AreTheLowestThatAreFree()
    {
        // What the limit rests on: a number says how many are open.
        var sockets = new List<StreamSocket>();
        for (var i = 0; i < 40; i++)
            sockets.Add(StreamSocket.Create(new IPEndPoint(IPAddress.Loopback, 9)));
        Assert.True(sockets.Max(static socket => socket.Fd) < Open() + 8);
        sockets.ForEach(static socket => socket.Dispose());
    }

    private static int Open() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
}
