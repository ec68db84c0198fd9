using System.CommandLine;

namespace Relay.Ctl.Cli;

/// <summary><c>--output</c>: where a document goes.</summary>
internal sealed class OutputOption : Option<string?>
{
    /// <summary>Standard output if it is left out.</summary>
    public OutputOption() : base("--output", "-o")
    {
        Description = "File to write; standard output if left out.";
        HelpName = "PATH";
    }

    /// <summary>Writes it. A file that was there stays as it was where the new one cannot be written whole.</summary>
    /// <param name="session">Where results go.</param>
    /// <param name="result">What was typed.</param>
    /// <param name="document">What is written.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="isSecret">Whether a file that was not there is for its owner alone.</param>
    /// <returns>The exit status of a command that has no more to do.</returns>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public async Task<int> WriteAsync(
        CtlSession session, ParseResult result, byte[] document, CancellationToken cancellation, bool isSecret = false)
    {
        if (result.GetValue(this) is not { } path)
        {
            session.Report.WriteText(document);
            return ExitStatus.Ok;
        }
        try
        {
            var file = new FileInfo(path);
            // A device, a pipe or a link is written through.
            if (file.Exists && (file.LinkTarget is not null || file.Length == 0))
                await File.WriteAllBytesAsync(path, document, cancellation).ConfigureAwait(false);
            else
                await ReplaceAsync(file, document, isSecret, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--output: {e.Message}");
        }
        session.Report.Say($"written: {path}");
        return ExitStatus.Ok;
    }

    private static async Task ReplaceAsync(FileInfo file, byte[] document, bool isSecret, CancellationToken cancellation)
    {
        var beside = $"{file.FullName}.{Guid.NewGuid():n}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (isSecret && !OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var stream = new FileStream(beside, options))
                await stream.WriteAsync(document, cancellation).ConfigureAwait(false);
            if (file.Exists && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(beside, file.UnixFileMode);
            File.Move(beside, file.FullName, overwrite: true);
        }
        finally
        {
            if (File.Exists(beside))
                File.Delete(beside);
        }
    }
}
