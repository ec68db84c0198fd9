using Microsoft.Extensions.Logging;

namespace Relay.Hosting.Files;

/// <summary>Looks at who may read files that hold secrets.</summary>
public static class SecretFiles
{
    /// <summary>Warns of each that every user of the machine can read.</summary>
    /// <param name="log">Receives the warnings.</param>
    /// <param name="files">The files; those without a path, or that are not there, are passed over.</param>
    public static void Check(ILogger log, params ReadOnlySpan<NamedFile> files)
    {
        foreach (var file in files)
        {
            if (file.Path is { } path && CanOthersRead(path))
                Log.SecretIsOpen(log, file.Option, path);
        }
    }

    private static bool CanOthersRead(string path)
    {
        if (OperatingSystem.IsWindows())
            return false;
        try
        {
            // Of what is opened: a Kubernetes Secret is a link, whose own mode says nothing.
            using var file = File.OpenHandle(path);
            return File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever needs it says why it cannot be read.
            return false;
        }
    }
}
