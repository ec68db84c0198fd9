using System.Diagnostics;
using System.Text;

namespace Relay.Testing.Processes;

/// <summary>Reads QR codes as a phone does: by a program that knows nothing of who wrote them (zbarimg).</summary>
public static class QrReader
{
    private const int PixelsOfModule = 4;

    /// <summary>What a picture says; the picture is a file of any kind that the program reads.</summary>
    public static async Task<string> ReadAsync(string picture)
    {
        var start = new ProcessStartInfo(
            InstalledProgram.Require("zbarimg", "zbar-tools"), ["--quiet", "--raw", "--nodbus", picture])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"zbarimg ended with {process.ExitCode}: {await output}{await errors}");
        return (await output).TrimEnd('\n');
    }

    /// <summary>What lines of half blocks say, where blocks have the one colour and their ground the other.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="isBlockDark">Whether blocks are the dark ones.</param>
    /// <param name="folder">Where the picture of them is written.</param>
    public static Task<string> ReadAsync(IReadOnlyList<string> lines, bool isBlockDark, ScratchFolder folder)
    {
        var width = lines.Max(static line => line.Length);
        // A picture of black and white (pbm(5)), with a terminal's own ground around it, which is that of no block.
        var picture = new StringBuilder($"P1\n{(width + 4) * PixelsOfModule} {(2 * lines.Count + 4) * PixelsOfModule}\n");
        for (var y = -2; y < 2 * lines.Count + 2; y++)
        {
            var row = new StringBuilder();
            for (var x = -2; x < width + 2; x++)
            {
                var isInside = y >= 0 && y < 2 * lines.Count && x >= 0 && x < width;
                var block = isInside && x < lines[y / 2].Length ? lines[y / 2][x] : ' ';
                var isBlock = block == '█' || block == (y % 2 == 0 ? '▀' : '▄');
                row.Append(isInside ? isBlock == isBlockDark ? '1' : '0' : isBlockDark ? '1' : '0', PixelsOfModule);
            }
            for (var i = 0; i < PixelsOfModule; i++)
                picture.Append(row).Append('\n');
        }
        return ReadAsync(folder.Write("code.pbm", picture.ToString()));
    }
}
