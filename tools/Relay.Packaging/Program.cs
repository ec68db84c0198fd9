using System.Globalization;
using Relay.Packaging;

const string Usage = """
    usage: Relay.Packaging man FOLDER VERSION DATE         writes man8 and man1
           Relay.Packaging completion FOLDER               writes bash-completion, zsh and fish
           Relay.Packaging assemble PACKAGES VERSION RUNTIME FOLDER
                                                           makes the folder of programs with that version of the runtime; prints
                                                           what the linker is to be told
           Relay.Packaging replace LINKED VERSION RUNTIME FOLDER
                                                           takes what the linker made in place of its assemblies; names those that
                                                           are to be compiled ahead of time
           Relay.Packaging bom FILE FOLDER SECONDS         makes the bill of projects one of a folder; since 1970
    """;

switch (args)
{
    case ["man", var folder, var version, var date]:
        foreach (var program in PackagedProgram.All)
        {
            var page = program.Describe(new ManPage(
                program.Name, program.Section, version, DateOnly.Parse(date, CultureInfo.InvariantCulture)));
            Write(folder, $"man{program.Section}/{program.Name}.{program.Section}", page.ToString());
        }
        return 0;
    case ["completion", var folder]:
        foreach (var program in PackagedProgram.All)
        {
            Write(folder, $"bash-completion/completions/{program.Name}", program.Complete("bash"));
            Write(folder, $"zsh/vendor-completions/_{program.Name}", program.Complete("zsh"));
            Write(folder, $"fish/vendor_completions.d/{program.Name}.fish", program.Complete("fish"));
        }
        return 0;
    case ["assemble", var packages, var version, var runtime, var folder]:
        foreach (var argument in ProgramFolder.Make(AppContext.BaseDirectory, packages, version, runtime, folder))
            Console.WriteLine(argument);
        return 0;
    case ["replace", var linked, var version, var runtime, var folder]:
        foreach (var assembly in ProgramFolder.Replace(AppContext.BaseDirectory, linked, version, runtime, folder))
            Console.WriteLine(assembly);
        return 0;
    case ["bom", var file, var folder, var seconds]:
        File.WriteAllText(file, BillOfMaterials.OfFolder(
            File.ReadAllText(file), folder, DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture))) + "\n");
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static void Write(string folder, string name, string text)
{
    var path = Path.Combine(folder, name);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, text.EndsWith('\n') ? text : text + "\n");
}
