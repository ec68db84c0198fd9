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
    /// <returns>The exit status of a command that has no more to do.</returns>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public async Task<int> WriteAsync(CtlSession session, ParseResult result, byte[] document, CancellationToken cancellation)
    {
        if (result.GetValue(this) is not { } path)
        {
            session.Report.WriteText(document);
            return ExitStatus.Ok;
        }
        // Beside it, so that it is on the same file system; what is no plain file, such as /dev/stdout, is written in place.
        var isPlain = !Path.Exists(path) || (File.GetAttributes(path) & FileAttributes.Normal) != 0;
        var target = isPlain ? $"{path}.{Guid.NewGuid():n}" : path;
        try
        {
            await File.WriteAllBytesAsync(target, document, cancellation).ConfigureAwait(false);
            if (isPlain)
                File.Move(target, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (isPlain)
                File.Delete(target);
            throw new UsageException($"--output: {e.Message}");
        }
        session.Report.Say($"written: {path}");
        return ExitStatus.Ok;
    }
}
