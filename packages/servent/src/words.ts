/** 256 friendly adjectives. Changing the order renames every peer. */
export const ADJECTIVES: readonly string[] =
  `Able Amber Ample Apt Aqua Arctic Ashen Auburn Avid Azure Balmy Basic Bonny Brave Breezy Bright Brisk Bronze
  Brown Calm Candid Canny Cheery Chief Classy Clean Clear Clever Cloudy Coastal Cobalt Cool Copper Coral Cosmic
  Crimson Crisp Cubic Curious Curly Cyan Dainty Dapper Daring Dawn Deep Deft Dewy Distant Dreamy Dusky Dusty
  Eager Early Earnest Easy Ebony Elder Elfin Epic Equal Even Exact Fair Famed Fancy Fast Fern Fiery Fine First
  Fleet Floral Fluent Flying Fond Forest Frank Free Fresh Frosty Full Fuzzy Gentle Giant Gifted Gilded Ginger
  Glad Glassy Global Golden Good Grand Great Green Happy Hardy Hazel Hearty Hidden High Honest Humble Icy
  Indigo Inner Iron Ivory Jade Jaunty Jolly Jovial Joyful Juniper Just Keen Large Lasting Laurel Lavender Leafy
  Lemon Level Light Lilac Lime Lively Lofty Loyal Lucid Lucky Lunar Magenta Magic Major Maple Marine Maroon
  Mellow Mighty Mild Minty Misty Modern Modest Mossy Musical Mystic Native Navy Neat Nimble Noble Noted Novel
  Oaken Oceanic Olive Opal Open Orange Pacific Patient Peach Pearly Perky Pine Pink Placid Plain Plucky Plum
  Poetic Polar Prime Proud Pure Purple Quick Quiet Rainy Rapid Rare Ready Regal Rich Round Royal Ruby Rural
  Russet Rustic Sage Salty Sandy Scarlet Serene Shiny Silent Silken Silver Simple Sincere Sleek Smart Smooth
  Snowy Snug Social Solar Solid Sonic Spicy Spry Stable Starry Steady Steel Stellar Still Stoic Sturdy Subtle
  Sunny Super Sure Swift Tall Teal Tender Terra Tidy Topaz Tranquil True Trusty Tulip Umber Upbeat Urban
  Valiant Vast Velvet Verdant Vivid Warm Wavy White Wild Willow Winged Wise Witty Woody Young`.split(/\s+/)

/** 256 animals. Changing the order renames every peer. */
export const ANIMALS: readonly string[] =
  `Albatross Alpaca Anchovy Ant Anteater Antelope Ape Armadillo Auk Avocet Axolotl Badger Barb Barnacle Bass Bat
  Beagle Bear Beaver Bee Beetle Bison Bittern Boa Boar Bobcat Bongo Buffalo Bulbul Bunting Butterfly Buzzard
  Canary Capybara Caracal Cardinal Caribou Carp Cat Catfish Chameleon Cheetah Chickadee Chinchilla Chipmunk
  Cicada Clam Cobra Cockatoo Cod Collie Condor Coot Corgi Cormorant Cougar Cow Coyote Crab Crane Crayfish
  Cricket Crow Cuckoo Cuttlefish Deer Dingo Dodo Dolphin Donkey Dormouse Dove Dragonfly Drake Duck Dunlin Eagle
  Echidna Eel Egret Eider Eland Elephant Elk Emu Ermine Falcon Fawn Ferret Finch Firefly Flamingo Flounder Fox
  Frog Gannet Gecko Gerbil Gibbon Giraffe Gnu Goat Goldfinch Goose Gopher Grebe Grouse Guanaco Gull Guppy
  Haddock Hamster Hare Hawk Hedgehog Heron Herring Hippo Hornbill Horse Hound Ibex Ibis Iguana Impala Jackal
  Jackdaw Jaguar Jellyfish Kangaroo Kestrel Kingfisher Kite Kiwi Koala Koi Krill Kudu Ladybug Lapwing Lark
  Lemming Lemur Leopard Limpet Linnet Lion Lizard Llama Lobster Locust Loon Loris Lynx Macaque Macaw Mackerel
  Magpie Mallard Manatee Marlin Marmot Marten Martin Meerkat Merlin Minnow Mole Mongoose Moose Moth Mouse Mule
  Muskox Narwhal Newt Nightjar Numbat Nuthatch Ocelot Octopus Okapi Oriole Oryx Osprey Ostrich Otter Owl Oyster
  Panda Panther Parrot Peacock Pelican Penguin Perch Petrel Pheasant Pigeon Pika Pike Pipit Plover Pony
  Porcupine Porpoise Possum Puffin Puma Quail Quokka Rabbit Raccoon Raven Ray Redstart Reindeer Robin Rook
  Salmon Sandpiper Sardine Seahorse Seal Shrike Shrimp Skylark Sloth Snail Sparrow Squid Squirrel Starling
  Stoat Stork Sturgeon Swallow Swan Swift Tapir Tern Thrush Tiger Toad Tortoise Toucan Trout Turtle Urchin Vole
  Walrus Warbler Wolf Wombat Wren Yak`.split(/\s+/)
