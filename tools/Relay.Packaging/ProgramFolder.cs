using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Relay.Packaging;

/// <summary>The folder of all programs with one runtime: what the SDK makes of one program, of four.</summary>
internal static class ProgramFolder
{
    /// <summary>What debuggers and tracers bring themselves, and collectors of garbage that nobody chose.</summary>
    private static readonly string[] LeftOut =
        ["createdump", "libmscordaccore.so", "libmscordbi.so", "libclrgc.so", "libclrgcexp.so", "libcoreclrtraceptprovider.so"];

    /// <summary>
    /// What Newtonsoft.Json refers to for what Orleans has it do nothing with. As machine code it would be a twentieth of the folder; it is
    /// compiled as it runs, if it does.
    /// </summary>
    private static readonly string[] Rare = ["Microsoft.CSharp", "System.Data.Common", "System.Linq.Expressions"];

    /// <summary>What a host has in place of its program's name (SHA-256 of "foobar").</summary>
    private static readonly byte[] NameOfNone = Encoding.ASCII.GetBytes("c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2");

    private static string[] Programs => [.. PackagedProgram.All.Select(static program => program.Name)];

    /// <summary>Makes it, with all assemblies as they are.</summary>
    /// <param name="built">Where the programs are as they were built, for any processor.</param>
    /// <param name="packages">Of NuGet.</param>
    /// <param name="version">The runtime's.</param>
    /// <param name="runtime">Its identifier, such as linux-x64.</param>
    /// <param name="folder">Where all goes; the folder is made.</param>
    /// <returns>What the linker is to be told.</returns>
    public static IEnumerable<string> Make(string built, string packages, string version, string runtime, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(built, "*.dll"))
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        File.Delete(Path.Combine(folder, $"{typeof(ProgramFolder).Assembly.GetName().Name}.dll"));
        foreach (var pack in (string[])["microsoft.netcore.app.runtime", "microsoft.aspnetcore.app.runtime"])
        {
            var content = Path.Combine(packages, $"{pack}.{runtime}", version, "runtimes", runtime);
            foreach (var path in Directory.EnumerateFiles(Path.Combine(content, "lib", "net10.0"), "*.dll"))
                Take(path, Path.Combine(folder, Path.GetFileName(path)));
            foreach (var path in Directory.Exists(Path.Combine(content, "native")) ? Directory.EnumerateFiles(Path.Combine(content, "native")) : [])
            {
                if (!LeftOut.Contains(Path.GetFileName(path)) && Path.GetExtension(path) != ".a")
                    Take(path, Path.Combine(folder, Path.GetFileName(path)));
            }
        }
        var host = File.ReadAllBytes(Path.Combine(packages, $"microsoft.netcore.app.host.{runtime}", version, "runtimes", runtime, "native", "apphost"));
        foreach (var program in Programs)
        {
            File.WriteAllBytes(Path.Combine(folder, program), HostOf(host, $"{program}.dll"));
            File.WriteAllText(
                Path.Combine(folder, $"{program}.runtimeconfig.json"),
                RuntimeSettings.Packaged(File.ReadAllText(Path.Combine(built, $"{program}.runtimeconfig.json")), version));
        }
        return LinkerArguments.Of(folder, Programs);
    }

    /// <summary>Takes what the linker has left in place of all assemblies.</summary>
    /// <param name="built">Where the programs are as they were built.</param>
    /// <param name="linked">Where the linker has put them.</param>
    /// <param name="version">The runtime's.</param>
    /// <param name="runtime">Its identifier.</param>
    /// <param name="folder">The programs'.</param>
    /// <returns>Those that have no machine code beside their IL, and shall.</returns>
    public static IEnumerable<string> Replace(string built, string linked, string version, string runtime, string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.dll"))
            File.Delete(path);
        foreach (var path in Directory.EnumerateFiles(linked, "*.dll"))
            File.Move(path, Path.Combine(folder, Path.GetFileName(path)));
        var files = Directory.EnumerateFiles(folder).Select(static path => Path.GetFileName(path)).ToHashSet();
        foreach (var program in Programs)
            File.WriteAllText(
                Path.Combine(folder, $"{program}.deps.json"),
                DependencyManifest.WithRuntime(File.ReadAllText(Path.Combine(built, $"{program}.deps.json")), files, version, runtime));
        return Directory.EnumerateFiles(folder, "*.dll")
            .Where(static path => !Rare.Contains(Path.GetFileNameWithoutExtension(path)) && !IsCompiled(path)).Order(StringComparer.Ordinal);
    }

    /// <summary>The program that starts an assembly.</summary>
    /// <exception cref="InvalidDataException">It is no host, or one already.</exception>
    public static byte[] HostOf(byte[] host, string assembly)
    {
        var at = host.AsSpan().IndexOf(NameOfNone);
        if (at < 0)
            throw new InvalidDataException("the host has no place for the name of its program");
        var made = host.ToArray();
        made.AsSpan(at, NameOfNone.Length).Clear();
        Encoding.ASCII.GetBytes(assembly, made.AsSpan(at));
        return made;
    }

    private static bool IsCompiled(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.PEHeaders.CorHeader?.ManagedNativeHeaderDirectory.Size > 0;
    }

    // Where both bring an assembly, the newer is it, and of equals the runtime's, which is compiled ahead of time.
    private static void Take(string path, string target)
    {
        if (File.Exists(target) && AssemblyName.GetAssemblyName(target).Version > AssemblyName.GetAssemblyName(path).Version)
            return;
        File.Copy(path, target, overwrite: true);
    }
}
